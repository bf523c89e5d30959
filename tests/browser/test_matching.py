"""Matching as a browser shows it: the way to a product, criteria tried on the city, figures of quality."""

from urllib.parse import urlencode

import pytest

from factories import applications as applied
from factories import catalogue as products
from factories import matching as firms
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.catalogue.types import CriterionTerms
from finmart.centres.business.matching import operations
from finmart.centres.technical.parties.models import Person
from finmart.kit import transactions
from finmart.kit.actor import Actor

pytestmark = pytest.mark.browser
ASKED = (
    CriterionTerms("employees", "GE", (20,)),
    CriterionTerms("established_months", "GE", (24,)),
    CriterionTerms("tax_grade", "IN", ("A", "B")),
)


@pytest.fixture
def town(site):
    """Return (operator, firm, run, product) of a town with an offer made and one product that nearly fits."""
    with transactions.opened():
        operator, bank, firm = products.operator_actor(), people.bank(), people.enterprise()
        firms.set_facts(firm.organisation_id, {"employees": 12, "tax_grade": "C", **firms.SMALL_FIRM})
        version = applied.product_of(bank, criteria=())
        near = products.listed(operator=operator, name="科创快贷", criteria=ASKED)
        need = applied.need(firm)
        operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
        (application,) = applications_operations.apply(firm, need.uuid, [version])
        applied.offered(bank, application.uuid)
        operations.learn_chances(Actor.of_system("matching"))
        run = operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    return operator, firm, run, near


def _name(actor):
    return Person.objects.get(pk=actor.person_id).username


@pytest.mark.clause("D7")
def test_the_card_tells_the_way_there(page_as, town):
    _, firm, run, _ = town
    visit = page_as(_name(firm))
    assert visit.go(f"/enterprise/matches/{run.uuid}/") == 200
    visit.check("matched")
    shown = visit.do(lambda page: page.inner_text("main"))
    assert "从业人数增加 8 人，达到 20 人" in shown
    assert "补充“成立时长”" in shown
    assert "先验估计" in shown


@pytest.mark.clause("D7", "P5", "P6")
def test_criteria_are_tried_and_quality_is_shown(page_as, town):
    operator, _, _, near = town
    visit = page_as(_name(operator))
    row = {
        "criteria-TOTAL_FORMS": "1", "criteria-INITIAL_FORMS": "1", "criteria-0-field": "employees",
        "criteria-0-operator": "GE", "criteria-0-operand": "10", "criteria-0-is_hard": "1",
    }  # fmt: skip
    for path, name in (
        (f"/desk/products/{near.uuid}/what-if/", "what-if-form"),
        (f"/desk/products/{near.uuid}/what-if/?{urlencode(row)}", "what-if"),
        ("/operator/matching/", "matching-quality"),
    ):
        assert visit.go(path) == 200
        visit.check(name)
    assert "获批可能性" in visit.do(lambda page: page.inner_text("main"))
