"""A criterion is tried on the whole city: exact for the operator, coarse for an institution, nothing for others."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import applications as applied
from factories import catalogue as factory
from factories import matching as match_factory
from factories import parties
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications.types import NeedTerms, RefusalReason
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionTerms, LoanPurpose, UnableToList
from finmart.centres.business.matching import operations
from finmart.centres.business.matching.rules import city
from finmart.centres.business.matching.types import Shift, TooManyTries
from finmart.centres.data.consents.models import DisclosureEntry
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.criteria import UnableToReadCriterion
from finmart.kit.errors import AccessDenied

NEED = NeedTerms(1_000_000_00, 12, LoanPurpose.WORKING_CAPITAL)
OWN = (CriterionTerms("employees", "GE", (20,)),)
WIDER = (CriterionTerms("employees", "GE", (10,)),)
OTHER = (CriterionTerms("employees", "LE", (14,)),)


@pytest.fixture
def bank(db):
    return factory.bank_actor()


@pytest.fixture
def product(bank):
    return factory.listed(bank, criteria=OWN)


def _firms(employees, district="320506", **facts):
    for number in employees:
        firm = factory.organisation(OrganisationKind.ENTERPRISE, district=district)
        known = {"employees": number} if number is not None else {}
        match_factory.set_facts(firm.id, {**known, "industry_section": "I", **facts})


@pytest.mark.clause("D7")
def test_the_operator_sees_who_comes_in_and_drops_out_to_the_firm(product):
    _firms([5, 12, 15, 25, None])
    _firms([12, 30], district="320507", industry_section="C")
    found = operations.try_criteria(factory.operator_actor(), product.uuid, WIDER)
    assert found.firms == 7
    assert found.total == Shift(before=2, after=5, entering=3, leaving=0)
    assert (found.unknown_before, found.unknown_after) == (1, 1)
    by = {group.title: dict(group.rows) for group in found.groups}
    assert by["区市"]["吴中区"] == Shift(1, 3, 2, 0)
    assert by["区市"]["相城区"] == Shift(1, 2, 1, 0)
    assert by["规模"] == {"未知": Shift(2, 4, 2, 0), "微型企业": Shift(0, 1, 1, 0)}
    assert by["行业"]["制造业"] == Shift(1, 2, 1, 0)
    assert by["产业集群"] == {"未知": Shift(2, 5, 3, 0)}
    turned = operations.try_criteria(factory.operator_actor(), product.uuid, OTHER)
    assert turned.total == Shift(before=2, after=3, entering=3, leaving=2)
    line = DisclosureEntry.objects.latest("pk")
    assert line.subject_id is None
    assert "employees" in line.fact_types


@pytest.mark.clause("F2")
def test_an_institution_sees_no_small_count_and_rounded_ones(bank, product):
    _firms([15] * 3 + [25] * 24)
    _firms([25] * 2, district="320507")
    found = operations.try_criteria(bank, product.uuid, WIDER)
    below = found.suppressed_below
    assert below == parameters_queries.integer("matching.small_count.suppressed_below") == 5
    assert (found.total.entering, found.total.leaving) == (None, None)
    assert all(count % below == 0 and abs(count - 26) < below for count in (found.total.before,))
    by = {group.title: dict(group.rows) for group in found.groups}
    assert by["区市"]["相城区"] == Shift(None, None, None, None)
    assert by["区市"]["吴中区"].before in {20, 25}
    again = operations.try_criteria(bank, product.uuid, WIDER)
    assert again == found  # the same firms give the same answer: nothing to average


@pytest.mark.clause("F2")
def test_an_institution_tries_so_many_criteria_a_day_and_the_same_again_costs_nothing(bank, product):
    for key, value in (("matching.what_if.tries_a_day", 2),):
        parameters_operations.set_value(
            parties.operator(Role.OPERATOR_ADMINISTRATOR), key=key, value=value, valid_from=clock.today(), source="试行"
        )
    operations.try_criteria(bank, product.uuid, WIDER)
    operations.try_criteria(bank, product.uuid, OTHER)
    operations.try_criteria(bank, product.uuid, WIDER)
    with pytest.raises(TooManyTries) as refused:
        operations.try_criteria(bank, product.uuid, OWN)
    assert "每日上限" in refused.value.message
    assert operations.try_criteria(factory.operator_actor(), product.uuid, OWN).suppressed_below is None
    with clock.moved_to(clock.now() + dt.timedelta(days=1)):
        operations.try_criteria(bank, product.uuid, OWN)


KEYS = city.keys_of(range(1, 401), 20_260_701)


@pytest.mark.clause("F2")
@given(st.sets(st.integers(0, 399), max_size=120), st.integers(3, 12))
def test_what_is_told_is_small_by_less_than_one_step_and_never_a_small_count(chosen, below):
    members = np.zeros(400, np.bool_)
    members[list(chosen)] = True
    told = city.Veil(KEYS, below).told(members)
    if len(chosen) < below:
        assert told is None
    if told is not None:
        assert told % below == 0
        assert abs(told - len(chosen)) < below


@pytest.mark.clause("F2")
@given(st.sets(st.integers(0, 399), min_size=5, max_size=90), st.sets(st.integers(0, 399), max_size=4))
def test_two_questions_never_differ_by_fewer_firms_than_the_threshold(first, changed):
    asked, again = np.zeros(400, np.bool_), np.zeros(400, np.bool_)
    asked[list(first)] = True
    again[list(first ^ changed)] = True
    veil = city.Veil(KEYS, 5)
    assert veil.told(veil.settled(again, [asked])) == veil.told(asked)
    part = np.zeros(400, np.bool_)
    part[::3] = True
    assert veil.told(veil.settled(again, [asked], part)) == veil.told(asked & part)


@pytest.mark.clause("F2")
def test_a_question_beside_another_that_shuts_one_firm_out_gets_the_same_answer(bank, product):
    """The attack: ask for a group, then for the same group without the one firm whose figure is wanted."""
    _firms([15] * 12 + [33])
    group, without = (CriterionTerms("employees", "GE", (14,)),), (
        CriterionTerms("employees", "GE", (14,)), CriterionTerms("employees", "LT", (33,)),
    )  # fmt: skip
    exact = [
        operations.try_criteria(factory.operator_actor(), product.uuid, one).total.after for one in (group, without)
    ]
    assert exact == [13, 12]
    told = [operations.try_criteria(bank, product.uuid, one) for one in (group, without)]
    assert told[0] == told[1]


@pytest.mark.clause("F2")
def test_whether_a_count_near_the_threshold_is_told_is_no_proof_of_its_size():
    draw, below = np.random.default_rng(11), 5
    veil, told = city.Veil(KEYS, below), dict.fromkeys(range(4, 10), 0)
    for size in told:
        for _ in range(300):
            members = np.zeros(400, np.bool_)
            members[draw.permutation(400)[:size]] = True
            told[size] += veil.told(members) is not None
    assert told[4] == 0
    assert all(30 < told[size] < 300 for size in range(5, 9))
    assert told[9] == 300


@pytest.mark.clause("D7")
def test_past_matches_are_tried_with_the_facts_of_their_day(bank, product):
    firm = match_factory.firm_actor({"employees": 12})
    for _ in range(12):
        operations.match(firm, NEED, organisation_id=firm.organisation_id)
    match_factory.set_facts(firm.organisation_id, {"employees": 3}, on=match_factory.KNOWN_ON.replace(month=12))
    found = operations.try_criteria(factory.operator_actor(), product.uuid, WIDER)
    assert found.matched == Shift(before=0, after=1, entering=1, leaving=0)
    assert found.total == Shift(before=0, after=0, entering=0, leaving=0)
    assert found.lent == found.refused == Shift(0, 0, 0, 0)
    assert operations.try_criteria(bank, product.uuid, WIDER).matched == Shift(None, None, None, None)


@pytest.mark.clause("D7")
def test_the_cases_of_the_past_year_are_tried_under_the_new_rule(db):
    bank = parties.bank()
    version = applied.product_of(bank, criteria=(CriterionTerms("employees", "GE", (10,)),))
    product = catalogue_queries.version(version)
    for employees, decide in ((12, _offered), (30, _offered), (15, _refused), (40, _refused), (50, None)):
        firm = match_factory.firm_actor({"employees": employees})
        operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
        (application,) = applications_operations.apply(firm, applied.need(firm).uuid, [version])
        if decide:
            decide(bank, application.uuid)
    stricter = (CriterionTerms("employees", "GE", (20,)),)
    found = operations.try_criteria(factory.operator_actor(), product.product_uuid, stricter)
    assert found.matched == Shift(before=5, after=3, entering=0, leaving=2)
    assert found.lent == Shift(before=2, after=1, entering=0, leaving=1)
    assert found.refused == Shift(before=2, after=1, entering=0, leaving=1)


def _offered(bank, application):
    applied.offered(bank, application)


def _refused(bank, application):
    applied.in_review(bank, application)
    applications_operations.refuse(bank, application, RefusalReason.CASH_FLOW)


def test_nobody_else_tries_criteria(product):
    stranger, firm = factory.bank_actor(), match_factory.firm_actor({})
    for who in (stranger, firm):
        with pytest.raises(AccessDenied):
            operations.try_criteria(who, product.uuid, WIDER)


@pytest.mark.parametrize(
    ("criteria", "refusal"),
    [
        ((CriterionTerms("nothing", "GE", (1,)),), UnableToReadCriterion),
        ((CriterionTerms("employees", "GE", ("许多",)),), UnableToReadCriterion),
        ((CriterionTerms("tax_grade", "GE", ("A",)),), UnableToReadCriterion),
        ((*OWN, CriterionTerms("employees", "LT", (20,))), UnableToList),
    ],
)
def test_criteria_that_cannot_stand_are_refused_when_tried_and_when_drafted(bank, product, criteria, refusal):
    with pytest.raises(refusal):
        operations.try_criteria(bank, product.uuid, criteria)
    with pytest.raises(refusal):
        factory.operations.draft_product(bank, replace(factory.TERMS, criteria=criteria))


def test_a_contradiction_is_told_in_words(bank):
    criteria = (*OWN, CriterionTerms("employees", "LT", (20,)))
    with pytest.raises(UnableToList) as refusal:
        factory.operations.draft_product(bank, replace(factory.TERMS, criteria=criteria))
    assert refusal.value.message == "“从业人数”的条件 “≥ 20 人”、“＜ 20 人” 不可能同时满足，没有企业能够符合"
    assert refusal.value.field == "criteria"
