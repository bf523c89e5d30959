"""Who is who and who may act for whom, with the bad input people really send."""

import string
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import parties as factory
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties import operations, queries, rules
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import (
    MandateScope,
    OrganisationKind,
    PartiesAct,
    Role,
    UnableToEnd,
    UnableToRegister,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal

SYSTEM = factory.SYSTEM
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, place, 31) for place in range(17)]


def check_sign(stem: str) -> str:
    """GB 32100-2015, written apart from the library the product uses."""
    total = sum(SIGNS.index(sign) * weight for sign, weight in zip(stem, WEIGHTS, strict=True))
    return SIGNS[(31 - total % 31) % 31]


stems = st.builds(
    lambda kind, region, rest: kind + region + rest,
    st.sampled_from(["91", "12", "51", "93"]),
    st.from_regex(r"320[1-9]0[0-9]", fullmatch=True),
    st.text(SIGNS, min_size=9, max_size=9),
)


@given(stems)
def test_a_credit_code_with_its_check_digit_is_taken_and_with_any_other_refused(stem):
    right = check_sign(stem)
    assert rules.normal_credit_code(f" {stem.lower()}{right} ") == stem + right
    for wrong in SIGNS.replace(right, ""):
        with pytest.raises(Refusal) as refused:
            rules.normal_credit_code(stem + wrong)
        assert refused.value.field == "credit_code"


@given(stems, st.integers(0, 17), st.sampled_from(SIGNS))
def test_one_mistyped_sign_never_passes(stem, place, sign):
    code = stem + check_sign(stem)
    if code[place] != sign:
        with pytest.raises(Refusal):
            rules.normal_credit_code(code[:place] + sign + code[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "9" * 17, "9" * 19, "91320500MA1MXYZ12I", "９１３２０５００", "a\x00b", "x" * 5000]
)
def test_what_is_no_credit_code_is_refused(text):
    with pytest.raises(Refusal):
        rules.normal_credit_code(text)


@pytest.mark.parametrize("wrong", ["11010519491231002Y", "110105194912310021", "320500199002300012", "", "123"])
def test_identity_numbers_need_a_real_date_and_check_digit(wrong):
    assert rules.normal_identity_number("11010519491231002x") == "11010519491231002X"
    with pytest.raises(Refusal):
        rules.normal_identity_number(wrong)


@given(st.text(string.printable, max_size=80))
def test_a_name_to_sign_in_with_is_normal_or_refused(text):
    try:
        name = rules.normal_username(text)
    except Refusal:
        return
    assert name == rules.normal_username(name)
    assert " " not in name


@pytest.mark.django_db
def test_names_of_four_byte_signs_are_kept_whole():
    firm = factory.organisation(name="𠮷野家𡋾材料（苏州）有限公司")
    assert queries.organisation(firm.id).name == "𠮷野家𡋾材料（苏州）有限公司"
    assert factory.member(firm, Role.ENTERPRISE_CLERK, full_name="李𬱖").person_name == "李𬱖"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "   ", "某" * 201, "a\x00b"])
def test_names_nobody_bears_are_refused(name):
    with pytest.raises(Refusal):
        factory.organisation(name=name or " ")


@pytest.mark.django_db
def test_a_firm_is_registered_once_and_told_what_to_do():
    firm = factory.organisation()
    with pytest.raises(UnableToRegister) as refused:
        operations.register_organisation(
            SYSTEM, kind=OrganisationKind.ENTERPRISE, name="另一个名字", credit_code=firm.credit_code.lower()
        )
    assert refused.value.field == "credit_code"
    assert refused.value.remedy


def test_a_firm_registered_by_two_people_at_once_exists_once(committed_database):
    code = factory.credit_code()
    ready, outcomes = threading.Barrier(2), []

    def register():
        from django.db import connection

        try:
            with transactions.opened():
                ready.wait(timeout=10)
                operations.register_organisation(
                    SYSTEM, kind=OrganisationKind.ENTERPRISE, name="同时登记", credit_code=code
                )
            outcomes.append("registered")
        except UnableToRegister:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "registered"]
    assert queries.organisation_by_credit_code(code) is not None


@pytest.mark.django_db
def test_only_the_operator_registers_organisations():
    with pytest.raises(AccessDenied):
        operations.register_organisation(
            factory.member(factory.organisation(), Role.ENTERPRISE_CLERK),
            kind=OrganisationKind.ENTERPRISE, name="某公司", credit_code=factory.credit_code(),
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.clause("F5")
def test_a_natural_person_is_a_party_whose_identity_number_is_not_kept():
    number = "11010519491231002X"
    person = operations.register_borrower(SYSTEM, full_name="赵创业", identity_number=number)
    kept = Person.objects.get(pk=person.id)
    assert kept.identity_masked == "110105********002X"
    assert number not in str(Person.objects.filter(pk=person.id).values())
    assert not kept.has_usable_password()
    with pytest.raises(UnableToRegister):
        operations.register_borrower(SYSTEM, full_name="赵创业", identity_number=number.lower())


@pytest.fixture
def firm():
    return factory.organisation()


@pytest.fixture
def legal(firm):
    return factory.member(firm, Role.ENTERPRISE_LEGAL_PERSON, full_name="王法人")


@pytest.fixture
def clerk(firm, legal):
    return factory.member(firm, Role.ENTERPRISE_CLERK, full_name="李经办")


def can_sign(actor: Actor) -> bool:
    return queries.can_sign_for(actor.person_id, actor.organisation_id, MandateScope.CONTRACT)


@pytest.mark.django_db
@pytest.mark.clause("F3")
def test_a_mandate_ends_by_itself_and_by_revocation(firm, legal, clerk):
    assert can_sign(legal)
    assert not can_sign(clerk)
    until = clock.now() + timedelta(days=1)
    granted = operations.grant_mandate(
        legal, person_id=clerk.person_id, organisation_id=firm.id, scope=MandateScope.CONTRACT, valid_to=until
    )
    assert can_sign(clerk)
    assert not queries.can_sign_for(clerk.person_id, firm.id, MandateScope.CONSENT)
    with clock.moved_to(until - timedelta(seconds=5)):
        assert can_sign(clerk)
    with clock.moved_to(until):
        assert not can_sign(clerk)
        with pytest.raises(UnableToEnd):
            operations.revoke_mandate(legal, granted)
    operations.revoke_mandate(legal, granted)
    assert not can_sign(clerk)
    assert Entry.objects.filter(tag=PartiesAct.MANDATE_REVOKE, subject=f"mandate:{granted}").count() == 1


@pytest.mark.django_db
@pytest.mark.clause("F3")
def test_mandates_are_granted_inside_the_firm_by_its_legal_person_only(firm, legal, clerk):
    wanted = {"organisation_id": firm.id, "scope": MandateScope.ALL, "valid_to": None}
    other = factory.organisation()
    for stranger in (clerk, factory.member(other, Role.ENTERPRISE_LEGAL_PERSON), Actor.visitor()):
        with pytest.raises(AccessDenied):
            operations.grant_mandate(stranger, person_id=clerk.person_id, **wanted)
    outsider = factory.member(other, Role.ENTERPRISE_CLERK)
    with pytest.raises(Refusal) as refused:
        operations.grant_mandate(legal, person_id=outsider.person_id, **wanted)
    assert refused.value.field == "person"


@pytest.mark.django_db
def test_a_legal_persons_own_right_is_not_revoked_and_strangers_find_nothing(firm, legal, clerk):
    own = queries.mandates_for(legal)[0]
    assert own.is_own_right
    assert not own.can_revoke
    with pytest.raises(UnableToEnd):
        operations.revoke_mandate(legal, own.id)
    for stranger in (clerk, factory.member(factory.organisation(), Role.ENTERPRISE_LEGAL_PERSON)):
        with pytest.raises(NotFound):
            operations.revoke_mandate(stranger, own.id)
        assert all(row.id != own.id for row in queries.mandates_for(stranger))


@pytest.mark.django_db
@pytest.mark.clause("F3")
def test_leaving_ends_mandates_and_stand_ins_with_the_membership(firm, legal, clerk):
    operations.grant_mandate(
        legal, person_id=clerk.person_id, organisation_id=firm.id, scope=MandateScope.ALL, valid_to=None
    )
    week = clock.now() + timedelta(days=7)
    operations.appoint_deputy(legal, deputy_id=clerk.person_id, valid_from=clock.now(), valid_to=week)
    operations.appoint_deputy(clerk, deputy_id=legal.person_id, valid_from=week, valid_to=week + timedelta(days=1))
    place = queries.memberships_of(clerk.person_id)[0].id
    operations.end_membership(legal, place)
    assert not can_sign(clerk)
    assert queries.absent_persons_of(clerk) == []
    assert queries.deputies_for(legal) == []
    assert queries.actor_for(clerk.person_id).organisation_id is None
    with pytest.raises(NotFound):
        operations.end_membership(legal, place)


@pytest.mark.django_db
def test_nobody_removes_oneself_or_the_legal_person(firm, legal, clerk):
    own = queries.memberships_of(legal.person_id)[0].id
    with pytest.raises(UnableToEnd):
        operations.end_membership(legal, own)
    administrator = factory.member(factory.organisation(OrganisationKind.OPERATOR), Role.OPERATOR_ADMINISTRATOR)
    with pytest.raises(NotFound):
        operations.end_membership(clerk, own)
    operations.end_membership(administrator, own)
    assert not can_sign(legal)


@pytest.mark.django_db
@pytest.mark.clause("F3")
def test_roles_fit_the_kind_of_organisation_and_nobody_makes_a_legal_person(firm, legal, clerk):
    place = queries.memberships_of(clerk.person_id)[0].id
    with pytest.raises(Refusal):
        operations.change_roles(legal, place, roles=[Role.OPERATOR_ADMINISTRATOR])
    with pytest.raises(Refusal):
        operations.change_roles(legal, place, roles=[])
    with pytest.raises(AccessDenied):
        operations.change_roles(legal, place, roles=[Role.ENTERPRISE_LEGAL_PERSON])
    with pytest.raises(NotFound):
        operations.change_roles(clerk, place, roles=[Role.ENTERPRISE_CLERK])
    bank = factory.organisation(OrganisationKind.BANK)
    head = factory.member(bank, Role.INSTITUTION_ADMINISTRATOR)
    manager = factory.member(bank, Role.INSTITUTION_ACCOUNT_MANAGER)
    held = queries.memberships_of(manager.person_id)[0].id
    operations.change_roles(head, held, roles=[Role.INSTITUTION_APPROVER, Role.INSTITUTION_REVIEWER])
    assert queries.actor_for(manager.person_id).has_role(Role.INSTITUTION_APPROVER)
    assert not queries.actor_for(manager.person_id).has_role(Role.INSTITUTION_ACCOUNT_MANAGER)


@pytest.mark.django_db
def test_a_deputy_is_another_colleague_for_a_time_to_come(legal, clerk):
    now = clock.now()
    day = timedelta(days=1)
    outsider = factory.member(factory.organisation(), Role.ENTERPRISE_CLERK)
    for deputy, start, end in (
        (clerk, now, now + day), (outsider, now, now + day), (legal, now + day, now), (legal, now - 2 * day, now - day),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            operations.appoint_deputy(clerk, deputy_id=deputy.person_id, valid_from=start, valid_to=end)
    planned = operations.appoint_deputy(clerk, deputy_id=legal.person_id, valid_from=now + day, valid_to=now + 2 * day)
    assert queries.absent_persons_of(legal) == []
    with clock.moved_to(now + day):
        assert queries.absent_persons_of(legal) == [clerk.person_id]
    with pytest.raises(NotFound):
        operations.end_deputy(outsider, planned)
    operations.end_deputy(clerk, planned)
    with clock.moved_to(now + day):
        assert queries.absent_persons_of(legal) == []


@pytest.mark.django_db
def test_pages_of_people_need_an_organisation():
    for read in (queries.members_for, queries.mandates_for, queries.deputies_for):
        with pytest.raises(AccessDenied):
            read(Actor.visitor())
