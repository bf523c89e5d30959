"""The page on which criteria are tried, for operator and institution alike."""

import pytest

from factories import catalogue as factory
from factories import matching as match_factory
from finmart.centres.business.catalogue.types import CriterionTerms
from finmart.centres.technical.parties.types import OrganisationKind


@pytest.mark.clause("D7")
def test_the_page_shows_the_change_and_refuses_beside_the_form(client_of):
    product = factory.listed(criteria=(CriterionTerms("employees", "GE", (20,)),))
    for number in (5, 12, 25):
        firm = factory.organisation(OrganisationKind.ENTERPRISE, district="320506")
        match_factory.set_facts(firm.id, {"employees": number})
    client = client_of(factory.operator_actor())
    address = f"/desk/products/{product.uuid}/what-if/"
    assert "试算的准入条件" in client.get(address).content.decode()
    row = {
        "criteria-TOTAL_FORMS": "1", "criteria-INITIAL_FORMS": "1", "criteria-0-field": "employees",
        "criteria-0-operator": "GE", "criteria-0-operand": "10", "criteria-0-is_hard": "1",
    }  # fmt: skip
    shown = client.get(address, row)
    assert shown.status_code == 200
    assert "吴中区" in shown.content.decode()
    wrong = client.get(address, {**row, "criteria-0-operand": "许多"})
    assert wrong.status_code == 422
    assert "不是数字" in wrong.content.decode()
