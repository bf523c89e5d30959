"""A firm adds what is missing, in its own name; nobody else does, and nothing is never zero."""

import pytest
from django.urls import reverse

from factories import parties as people
from finmart.centres.data.profiles import queries


@pytest.mark.clause("D3")
def test_a_firm_declares_what_it_knows_of_itself(client_of):
    clerk = people.enterprise()
    declared = {"established_on": "2015-03-01", "employees": "42", "tax_grade": "A", "is_high_tech": "0"}
    declared |= {"registered_capital_fen": "1000000", "industry_section": "C"}
    answered = client_of(clerk).post(reverse("enterprise:declare"), declared)
    assert answered.status_code == 302, answered.content.decode()
    facts = {fact.code: fact for fact in queries.own_facts_for(clerk)}
    assert facts["employees"].value == 42
    assert facts["registered_capital_fen"].value == 100_000_000
    assert facts["is_high_tech"].value is False
    assert facts["employees"].source == "企业自报"
    assert "overdue_count" not in facts


@pytest.mark.parametrize(
    ("field", "value"),
    [("established_on", "2999-01-01"), ("employees", "-1"), ("registered_capital_fen", "0"), ("tax_grade", "Z")],
)
def test_what_cannot_be_is_told_beside_its_field(client_of, field, value):
    clerk = people.enterprise()
    answered = client_of(clerk).post(reverse("enterprise:declare"), {field: value})
    assert answered.status_code == 422
    assert queries.own_facts_for(clerk) == []


def test_others_may_not_declare(client_of):
    page = reverse("enterprise:declare")
    assert client_of().get(page).status_code == 302
    assert client_of(people.bank()).get(page).status_code == 403
