"""A criterion is tried on the whole city: exact for the operator, coarse for an institution, nothing for others."""

from dataclasses import replace

import pytest

from factories import catalogue as factory
from factories import matching as match_factory
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import CriterionTerms, LoanPurpose, UnableToList
from finmart.centres.business.matching import operations, queries
from finmart.centres.business.matching.rules import city
from finmart.centres.business.matching.types import Shift
from finmart.centres.data.consents.models import DisclosureEntry
from finmart.centres.technical.parties.types import OrganisationKind
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
        match_factory.set_facts(firm.id, {**known, "size_class": "SMALL", **facts})


@pytest.mark.clause("D7")
def test_the_operator_sees_who_comes_in_and_drops_out_to_the_firm(product):
    _firms([5, 12, 15, 25, None])
    _firms([12, 30], district="320507", industry_section="C")
    found = queries.what_if_for(factory.operator_actor(), product.uuid, WIDER)
    assert found.firms == 7
    assert found.total == Shift(before=2, after=5, entering=3, leaving=0)
    assert (found.unknown_before, found.unknown_after) == (1, 1)
    by = {group.title: dict(group.rows) for group in found.groups}
    assert by["区市"]["吴中区"] == Shift(1, 3, 2, 0)
    assert by["区市"]["相城区"] == Shift(1, 2, 1, 0)
    assert by["规模"] == {"小型企业": Shift(2, 5, 3, 0)}
    assert by["行业"]["制造业"] == Shift(1, 2, 1, 0)
    assert by["产业集群"] == {"未知": Shift(2, 5, 3, 0)}
    turned = queries.what_if_for(factory.operator_actor(), product.uuid, OTHER)
    assert turned.total == Shift(before=2, after=3, entering=3, leaving=2)
    line = DisclosureEntry.objects.latest("pk")
    assert line.subject_id is None
    assert "employees" in line.fact_types


@pytest.mark.clause("F2")
def test_an_institution_sees_no_small_count_and_none_as_a_difference(bank, product):
    _firms([15] * 3 + [25] * 24)
    _firms([25] * 2, district="320507")
    found = queries.what_if_for(bank, product.uuid, WIDER)
    assert found.suppressed_below == 10
    assert found.total == Shift(before=20, after=20, entering=None, leaving=None)
    by = {group.title: dict(group.rows) for group in found.groups}
    assert by["区市"]["相城区"] == Shift(None, None, None, None)
    assert by["区市"]["吴中区"] == Shift(20, 20, None, None)
    assert city.coarse(Shift(9, 10, 99, None), 10) == Shift(None, 10, 90, None)


@pytest.mark.clause("D7")
def test_past_matches_are_tried_with_the_facts_of_their_day(bank, product):
    firm = match_factory.firm_actor({"employees": 12})
    for _ in range(12):
        operations.match(firm, NEED, organisation_id=firm.organisation_id)
    match_factory.set_facts(firm.organisation_id, {"employees": 3}, on=match_factory.KNOWN_ON.replace(month=12))
    found = queries.what_if_for(factory.operator_actor(), product.uuid, WIDER)
    assert found.matched == Shift(before=0, after=1, entering=1, leaving=0)
    assert found.total == Shift(before=0, after=0, entering=0, leaving=0)
    assert found.lent == Shift(0, 0, 0, 0)
    assert queries.what_if_for(bank, product.uuid, WIDER).matched == Shift(None, None, None, None)


def test_nobody_else_tries_criteria(product):
    stranger, firm = factory.bank_actor(), match_factory.firm_actor({})
    for who in (stranger, firm):
        with pytest.raises(AccessDenied):
            queries.what_if_for(who, product.uuid, WIDER)


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
        queries.what_if_for(bank, product.uuid, criteria)
    with pytest.raises(refusal):
        factory.operations.draft_product(bank, replace(factory.TERMS, criteria=criteria))


def test_a_contradiction_is_told_in_words(bank):
    criteria = (*OWN, CriterionTerms("employees", "LT", (20,)))
    with pytest.raises(UnableToList) as refusal:
        factory.operations.draft_product(bank, replace(factory.TERMS, criteria=criteria))
    assert refusal.value.message == "“从业人数”的条件 “≥ 20 人”、“＜ 20 人” 不可能同时满足，没有企业能够符合"
    assert refusal.value.field == "criteria"
