"""The process on the case page: who has it, until when, and the diagram, for the parties of the case alone."""

from uuid import uuid4

import pytest
from django.test import Client

from factories import applications as made
from factories import parties as people
from factories.process_models import Block, Written
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit.actor import Actor

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
def process(firm, bank, ref):
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
def test_a_firm_sees_who_has_its_case_and_until_when(firm, bank, ref, process, django_assert_max_num_queries):
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
def test_the_diagram_and_its_marks_are_there_for_parties_only(firm, bank, ref, process, django_assert_max_num_queries):
    client = _signed_in(firm)
    with django_assert_max_num_queries(25):
        page = client.get(f"/cases/{ref.number}/?tab=flow").text
    addresses = [f"/cases/{ref.number}/flow/{process}/{part}/" for part in ("model", "marks")]
    assert all(address in page for address in addresses)
    model = client.get(addresses[0])
    assert "definitions" in model.text
    assert "sandbox" in model["Content-Security-Policy"]
    assert client.get(addresses[1]).json()["acceptance"] == "CURRENT"
    for stranger in (people.enterprise(), people.bank()):
        assert {_signed_in(stranger).get(address).status_code for address in addresses} == {404}
    assert client.get(f"/cases/{ref.number}/flow/{uuid4()}/marks/").status_code == 404
    assert _signed_in(people.operator()).get(addresses[1]).status_code == 200


def test_a_process_of_another_case_is_not_shown_under_this_one(firm, bank, ref, process):
    other = applications_operations.apply(firm, made.need(firm).uuid, [made.product_of(bank)])[0]
    assert _signed_in(firm).get(f"/cases/{other.number}/flow/{process}/marks/").status_code == 404
