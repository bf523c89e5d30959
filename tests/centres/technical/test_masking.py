"""What is masked looks masked, for whom the policy says; showing it in full asks for purpose and second factor."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import parties
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.masking import operations, policies, queries, rules
from finmart.centres.technical.masking.models import Unmasking
from finmart.centres.technical.masking.types import Target, TargetKind, UnableToUnmask, UnmaskPurpose, Viewer
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, masks
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.kit.grades import Shape
from finmart.kit.masks import Sight

LONG = st.text(st.characters(categories=["L", "N"]), min_size=2, max_size=60)


@pytest.mark.clause("D2")
@pytest.mark.parametrize(
    ("mask", "value", "wanted"),
    [
        (masks.name, "张三", "张**"),
        (masks.name, "欧阳娜娜", "欧**"),
        (masks.name, "张", "**"),
        (masks.phone, "13812341234", "138****1234"),
        (masks.phone, "+8613812341234", "+86****1234"),
        (masks.phone, "68001234", "****34"),
        (masks.phone, "110", "****"),
        (masks.email, "zhang.san@example.com", "z***@example.com"),
        (masks.email, "nonsense", "***"),
        (masks.account, "62170000000000987654", "**** 7654"),
        (masks.account, "1234", "****"),
        (masks.identity, "320505199001011234", "320505********1234"),
        (masks.address, "江苏省苏州市虎丘区枫林巷5号", "江苏省苏州市虎丘区****"),
        (masks.address, "枫林巷5号", "****"),
        (masks.words, "我认识他", "〔已隐去〕"),
    ],
)
def test_masks(mask, value, wanted):
    assert mask(value) == wanted


@given(LONG)
def test_what_is_hidden_cannot_be_put_together_again(text):
    assert text[1:] not in masks.shown(Shape.NAME, f"甄{text}", Sight.MASKED)
    assert text not in masks.shown(Shape.ACCOUNT, f"{text}9876", Sight.MASKED)
    assert text not in masks.shown(Shape.EMAIL, f"x{text}@example.com", Sight.MASKED)
    assert masks.shown(Shape.WORDS, text, Sight.MASKED) == masks.shown(Shape.PHONE, text, Sight.HIDDEN)


@given(st.sampled_from(Shape), LONG)
def test_nothing_stays_nothing_and_a_mask_is_put_on_once(shape, text):
    once = masks.shown(shape, text, Sight.MASKED)
    assert masks.shown(shape, "", Sight.MASKED) == ""
    assert masks.shown(shape, text, Sight.FULL) == text
    if "**" in once:
        assert masks.shown(shape, once, Sight.MASKED) == once


@pytest.mark.clause("D2", "P2")
def test_every_shape_has_an_answer_for_every_viewer_and_no_secret_is_shown():
    for shape in Shape:
        assert set(rules.SIGHT[shape]) >= set(Viewer) - {Viewer.SYSTEM}
        for viewer in set(Viewer) - {Viewer.SYSTEM}:
            assert rules.SIGHT[shape][viewer] is Sight.HIDDEN or shape is not Shape.SECRET
    strangers = {shape: rules.SIGHT[shape][Viewer.STRANGER] for shape in Shape}
    assert Sight.FULL not in strangers.values()
    assert rules.SIGHT[Shape.NAME][Viewer.SUPERVISOR] is Sight.MASKED
    assert not any(rules.can_unmask(shape, one) for shape in Shape for one in (Viewer.STRANGER, Viewer.SUPERVISOR))
    assert not rules.can_unmask(Shape.SECRET, Viewer.SELF)


def test_who_one_is_to_somebody():
    me = Actor(person_id=1, person_name="甲", organisation_id=7, organisation_kind="BANK")
    operator = Actor(person_id=2, person_name="乙", organisation_id=8, organisation_kind="OPERATOR")
    assert policies.viewer_of(me, person_id=1, organisation_id=9) is Viewer.SELF
    assert policies.viewer_of(me, person_id=5, organisation_id=7) is Viewer.COLLEAGUE
    assert policies.viewer_of(me, organisation_id=9, is_partner=True) is Viewer.PARTNER
    assert policies.viewer_of(me, organisation_id=9) is Viewer.STRANGER
    assert policies.viewer_of(operator, organisation_id=9, is_partner=True) is Viewer.OVERSEER
    assert policies.viewer_of(operator, organisation_id=9, is_of_operator=True) is Viewer.COLLEAGUE
    assert policies.viewer_of(Actor.visitor()) is Viewer.STRANGER
    for role, seen_as in (("REGULATOR_FINANCIAL", Viewer.SUPERVISOR), ("REGULATOR_OFFICER", Viewer.STRANGER)):
        looks_on = Actor(person_id=3, person_name="丙", organisation_id=6, organisation_kind="REGULATOR", roles={role})
        assert policies.viewer_of(looks_on, organisation_id=9) is seen_as
        assert policies.viewer_of(looks_on, organisation_id=9, is_partner=True) is Viewer.PARTNER
    assert policies.viewer_of(Actor.of_system("job")) is Viewer.SYSTEM


@pytest.fixture
def bank(db):
    return parties.bank()


@pytest.fixture
def clerk(db):
    return parties.enterprise()


def _target(of, viewer=Viewer.PARTNER):
    kept = parties_queries.own_contact(of)
    return Target(TargetKind.PERSON, kept.uuid, Shape.PHONE, viewer, kept.id, of.organisation_id)


def _unmask(actor, of, *, words="核对授信联系电话", has_second_factor=True, viewer=Viewer.PARTNER):
    operations.unmask(
        actor, _target(of, viewer), purpose=UnmaskPurpose.VERIFICATION, words=words,
        has_second_factor=has_second_factor,
    )  # fmt: skip


@pytest.mark.clause("D2")
def test_an_unmasking_ends_is_on_record_and_seen_by_whom_it_concerns(bank, clerk):
    _unmask(bank, clerk)
    uuid = _target(clerk).uuid
    assert set(queries.open_for(bank)) == {uuid}
    assert queries.open_for(clerk) == {}
    with clock.moved_to(clock.now() + timedelta(minutes=5, seconds=1)):
        assert queries.open_for(bank) == {}
    entry = Entry.objects.get(tag="masking:value:unmask")
    assert entry.subject == f"person:{uuid}"
    assert entry.content["purpose"] == "VERIFICATION"
    (seen,) = queries.unmaskings_for(clerk)
    assert (seen.viewer_name, seen.words, seen.is_own_act) == ("张三", "核对授信联系电话", False)
    assert queries.unmaskings_for(bank)[0].is_own_act


@pytest.mark.clause("D2")
def test_who_manages_the_firm_and_the_officer_for_data_protection_read_the_record_others_do_not(bank, clerk):
    legal = parties.member(parties_queries.organisation(clerk.organisation_id), Role.ENTERPRISE_LEGAL_PERSON)
    _unmask(bank, clerk)
    assert len(queries.unmaskings_for(legal)) == 1
    (row,) = queries.unmaskings_for(parties.operator(Role.OPERATOR_ADMINISTRATOR))
    assert row.viewer_name == "张**"
    for other in (parties.operator(), parties.enterprise(), parties.colleague(clerk), Actor.visitor()):
        assert queries.unmaskings_for(other) == []


@pytest.mark.clause("D2")
def test_no_unmasking_without_second_factor_reason_or_right(bank, clerk):
    with pytest.raises(AccessDenied, match="动态验证码"):
        _unmask(bank, clerk, has_second_factor=False)
    with pytest.raises(UnableToUnmask):
        _unmask(bank, clerk, words=" 看看 ")
    for viewer in (Viewer.STRANGER, Viewer.SYSTEM):
        with pytest.raises(AccessDenied, match="不能查看"):
            _unmask(bank, clerk, viewer=viewer)
    with pytest.raises(AccessDenied):
        _unmask(Actor.of_system("job"), clerk)
    assert not Unmasking.objects.exists()


def test_an_unmasking_for_one_organisation_does_not_count_for_another(bank, clerk):
    _unmask(bank, clerk)
    elsewhere = parties.bank()
    other = Actor(person_id=bank.person_id, person_name="甲", organisation_id=elsewhere.organisation_id)
    assert queries.open_for(other) == {}
    assert queries.open_for(Actor(person_id=bank.person_id, person_name="甲")) == {}
