"""The process on the case page: who has it, until when, and the diagram, for the parties of the case alone."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from factories import applications as made
from factories import parties as people
from factories import servicing
from factories.process_models import Block, Written
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.instruments import operations as instruments_operations
from finmart.centres.business.instruments.types import LoanTerms
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod

DUE = '<finmart:deadline amount="2" unit="WORKING_DAYS" source="本产品缺省值"/>'


@pytest.fixture
def firm(db):
    return people.enterprise(name="苏州甲科技有限公司")


@pytest.fixture
def bank(db):
    return people.bank(name="苏州乙银行")


@pytest.fixture
def ref(firm, bank):
    return applications_operations.apply(firm, made.need(firm).uuid, [made.product_of(bank)])[0]


@pytest.fixture
def running(firm, bank, ref):
    steps = [Block("step", "acceptance"), Block("step", "review")]
    xml = Written(Block("seq", "way", steps), lane="银行", extra={"acceptance": DUE}).xml
    processes_operations.deploy(Actor.of_system("test"), "way", xml)
    holders = {"银行": LaneHolder(organisation_id=bank.organisation_id, roles=tuple(bank.roles))}
    return processes_operations.start(firm, "way", case_uuid=ref.case_uuid, variables={}, lanes=holders)


def _signed_in(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_without_a_process_there_is_no_diagram(firm, ref):
    text = _signed_in(firm).get(f"/cases/{ref.number}/?tab=flow").text
    assert "流程图" not in text
    assert "时间线" in text


@pytest.mark.clause("P3")
def test_a_firm_sees_who_has_its_case_and_until_when(firm, bank, ref, running, django_assert_max_num_queries):
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        text = client.get(f"/cases/{ref.number}/").text
    assert "正在办理：<strong>acceptance</strong>，承办方 银行" in text
    assert "还剩" in text
    item = processes_queries.open_items_for(bank)[0]
    processes_operations.complete(bank, item.uuid, "APPROVE", opinion="内部意见")
    text = client.get(f"/cases/{ref.number}/").text
    assert "正在办理：<strong>review</strong>" in text
    assert "完成步骤：acceptance" in text
    assert "内部意见" not in text
    assert "内部意见" in _signed_in(bank).get(f"/cases/{ref.number}/").text


@pytest.mark.clause("P3")
def test_the_diagram_and_its_marks_are_there_for_parties_only(firm, bank, ref, running, django_assert_max_num_queries):
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        page = client.get(f"/cases/{ref.number}/?tab=flow").text
    addresses = [f"/cases/{ref.number}/flow/{running}/{part}/" for part in ("model", "marks")]
    assert all(address in page for address in addresses)
    model = client.get(addresses[0])
    assert "definitions" in model.text
    assert "sandbox" in model["Content-Security-Policy"]
    assert client.get(addresses[1]).json()["acceptance"] == "CURRENT"
    for stranger in (people.enterprise(), people.bank()):
        assert {_signed_in(stranger).get(address).status_code for address in addresses} == {404}
    assert client.get(f"/cases/{ref.number}/flow/{uuid4()}/marks/").status_code == 404
    assert _signed_in(people.operator()).get(addresses[1]).status_code == 200


def test_a_process_of_another_case_is_not_shown_under_this_one(firm, bank, ref, running):
    other = applications_operations.apply(firm, made.need(firm).uuid, [made.product_of(bank)])[0]
    assert _signed_in(firm).get(f"/cases/{other.number}/flow/{running}/marks/").status_code == 404


@pytest.mark.clause("B6")
def test_loan_and_payments_stand_on_the_page_of_their_case(db, django_assert_max_num_queries):
    loan = servicing.in_force(fee_fen=100_00)
    view = servicing_queries.loan_for(loan.firm, loan.uuid)
    number = cases_queries.case_by_uuid_for(loan.firm, view.ref.case_uuid).ref.number
    for actor in (loan.firm, loan.manager):
        client = _signed_in(actor)
        with django_assert_max_num_queries(25):
            money = client.get(f"/cases/{number}/?tab=funds").text
        for shown in (view.ref.number, "第 12 期", "120,000.00", "放款"):
            assert shown in money
    assert _signed_in(people.bank()).get(f"/cases/{number}/?tab=funds").status_code == 404


@pytest.mark.clause("B6")
def test_the_contract_stands_among_the_papers(firm, bank, ref, django_assert_max_num_queries):
    terms = LoanTerms(100_000_000, Decimal("0.0435"), 12, RepaymentMethod.EQUAL_INSTALMENT, "采购")
    contract = instruments_operations.draft_contract(bank, case_uuid=ref.case_uuid, terms=terms)
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        papers = client.get(f"/cases/{ref.number}/?tab=papers").text
    assert contract.number in papers
    assert f"/contracts/{contract.uuid}/" in papers
    assert contract.number not in _signed_in(people.operator()).get(f"/cases/{ref.number}/?tab=papers").text
