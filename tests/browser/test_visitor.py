"""The public pages, as a browser shows and uses them."""

from decimal import Decimal

import pytest

from factories import catalogue as made
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import transactions

pytestmark = pytest.mark.browser


@pytest.fixture
def market(site):
    """Five products of two banks."""
    with transactions.opened():
        parameters_operations.load_pack(made.SYSTEM, "suzhou")
        operator = made.operator_actor()
        banks = [
            made.actor_of(made.organisation(OrganisationKind.BANK, name).id, Role.INSTITUTION_ADMINISTRATOR)
            for name in ("苏州示例商业银行", "太湖示例农村商业银行")
        ]
        return [
            made.listed(
                banks[number % 2],
                operator,
                name=name,
                rate_min=Decimal("0.031") + number * Decimal("0.002"),
                promised_days=number + 2,
            )
            for number, name in enumerate(("税易贷", "科创贷", "制造业提质贷", "供应链采购贷", "续贷通"))
        ]


def test_public_pages_are_quiet_narrow_and_accessible(page_as, market):
    visit = page_as()
    for path, name in (("/", "front"), ("/products/", "products"), (f"/products/{market[0].uuid}/", "product")):
        assert visit.go(path) == 200
        visit.check(name)


def test_a_visitor_filters_chooses_and_compares(page_as, market):
    visit = page_as()
    visit.go("/")

    def walk(page):
        page.fill("[name=amount_fen]", "2000000")
        page.click("text=查找产品")
        page.wait_for_url("**/products/?amount_fen=2000000")
        boxes = page.locator("input[name=p]")
        for place in range(4):
            boxes.nth(place).check()
        assert boxes.nth(4).is_disabled()
        page.click("text=比较所选")
        page.wait_for_selector("table.compare")
        return page.locator("table.compare thead th").count()

    assert visit.do(walk) == 5
    visit.check("compare")
