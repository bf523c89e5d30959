"""An institution writes its products on pages; nobody else does."""

import pytest
from django.urls import reverse

from factories import catalogue as catalogue_factory
from factories import parties as parties_factory
from finmart.centres.business.catalogue import operations, queries
from finmart.centres.business.catalogue.types import VersionState
from finmart.centres.technical.parties.types import OrganisationKind, Role

SHEET = {
    "terms-name": "阳光经营贷",
    "terms-rate_min": "3.85",
    "terms-rate_max": "5.2",
    "terms-limit_min_fen": "100000",
    "terms-limit_max_fen": "5000000",
    "terms-months_min": "3",
    "terms-months_max": "24",
    "terms-promised_days": "5",
    "terms-methods": ["INTEREST_FIRST"],
    "terms-collateral": "NONE",
    "terms-valid_from": "2026-01-01",
    "fees-TOTAL_FORMS": "1",
    "fees-INITIAL_FORMS": "0",
    "fees-0-name": "评估费",
    "fees-0-basis": "AMOUNT_ONCE",
    "fees-0-rate": "0.1",
    "criteria-TOTAL_FORMS": "2",
    "criteria-INITIAL_FORMS": "0",
    "criteria-0-field": "annual_sales_fen",
    "criteria-0-operator": "GE",
    "criteria-0-operand": "5000000",
    "criteria-0-is_hard": "1",
    "criteria-1-field": "void_share",
    "criteria-1-operator": "LE",
    "criteria-1-operand": "15",
    "criteria-1-is_hard": "0",
}


@pytest.fixture
def bank(db):
    return catalogue_factory.bank_actor()


@pytest.mark.clause("B5")
def test_a_product_is_written_on_a_page_and_handed_in(bank, client_of):
    client = client_of(bank)
    answered = client.post(reverse("institution:product_new"), SHEET)
    assert answered.status_code == 302, answered.content.decode()
    drafted = queries.products_for(bank)[0]
    assert drafted.terms.limit_max_fen == 500_000_000
    assert [one.text for one in drafted.criteria] == ["近12个月开票销售额 ≥ 500 万元", "作废发票占比 ≤ 15 %"]
    client.post(reverse("institution:product_submit", args=[drafted.product_uuid]))
    assert queries.products_for(bank)[0].state is VersionState.SUBMITTED


def test_a_version_opens_for_change_as_it_was_written(bank, client_of):
    client = client_of(bank)
    client.post(reverse("institution:product_new"), SHEET)
    before = queries.products_for(bank)[0]
    page = client.get(reverse("institution:product_revise", args=[before.product_uuid]))
    sheet = page.context["sheet"]
    posted = {"fees-TOTAL_FORMS": 3, "fees-INITIAL_FORMS": 1, "criteria-TOTAL_FORMS": 5, "criteria-INITIAL_FORMS": 2}
    for form in [sheet.terms, *sheet.fees, *sheet.criteria]:
        for field in form:
            value = form.fields[field.name].prepare_value(field.value())
            if value not in (None, False):
                posted[field.html_name] = value
    answered = client.post(reverse("institution:product_revise", args=[before.product_uuid]), posted)
    assert answered.status_code == 302, answered.content.decode()
    assert queries.products_for(bank)[0].terms == before.terms
    answered = client.post(page.request["PATH_INFO"], {**posted, "criteria-0-DELETE": "on"})
    assert [one.field for one in queries.products_for(bank)[0].terms.criteria] == ["void_share"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("terms-rate_min", "6", "最低年利率不能为负"),
        ("terms-limit_min_fen", "-5", "金额必须大于零"),
        ("terms-limit_min_fen", "1.123456789012", "金额最多两位小数"),
        ("criteria-0-operand", "很多", "annual_sales_fen"),
        ("terms-name", "", "必填"),
    ],
)
def test_bad_terms_are_told_beside_the_field_and_change_nothing(bank, client_of, field, value, message):
    answered = client_of(bank).post(reverse("institution:product_new"), {**SHEET, field: value})
    assert answered.status_code == 422
    assert queries.products_for(bank) == []
    if message != "annual_sales_fen":
        assert message in answered.content.decode()


@pytest.mark.parametrize("name", ["products", "product_new"])
def test_pages_are_closed_to_everybody_else(client_of, name):
    page = reverse(f"institution:{name}")
    visitor = client_of().get(page)
    assert visitor.status_code == 302
    assert "sign-in" in visitor["Location"]
    firm = parties_factory.enterprise()
    assert client_of(firm).get(page).status_code == 403
    operator = catalogue_factory.operator_actor()
    assert client_of(operator).get(page).status_code == 403


def test_a_colleague_without_the_role_and_another_bank_may_not_write(bank, client_of):
    client_of(bank).post(reverse("institution:product_new"), SHEET)
    uuid = queries.products_for(bank)[0].product_uuid
    organisation = parties_factory.organisation(OrganisationKind.BANK)
    stranger = parties_factory.member(organisation, Role.INSTITUTION_ADMINISTRATOR)
    assert client_of(stranger).get(reverse("institution:product", args=[uuid])).status_code == 404
    assert client_of(stranger).post(reverse("institution:product_submit", args=[uuid])).status_code == 404
    assert client_of(stranger).post(reverse("institution:product_revise", args=[uuid]), SHEET).status_code == 404
    manager = parties_factory.member(organisation, Role.INSTITUTION_ACCOUNT_MANAGER)
    assert client_of(manager).post(reverse("institution:product_new"), SHEET).status_code == 403


def test_a_listed_product_is_taken_off_with_a_reason(bank, client_of):
    drafted = operations.draft_product(bank, catalogue_factory.terms())
    operations.submit(bank, drafted.uuid)
    operations.publish(catalogue_factory.operator_actor(), drafted.uuid)
    page = reverse("institution:product_delist", args=[drafted.uuid])
    assert client_of(bank).post(page, {"reason": ""}).status_code == 422
    assert client_of(bank).post(page, {"reason": "年度调整"}).status_code == 302
    assert queries.open_products().total == 0
