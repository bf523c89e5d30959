"""The contracts desk over HTTP, by every kind of party."""

from decimal import Decimal

import pytest
from django.test import Client

from factories import cases, parties
from finmart.centres.business.instruments import operations, queries
from finmart.centres.business.instruments.types import LoanTerms
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import MandateScope, Role
from finmart.kit.finance import RepaymentMethod


def _signed_in(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def people(db):
    """The people of one loan: who may sign and who may not, on both sides, and strangers."""
    boss, banker = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON), parties.bank(Role.INSTITUTION_APPROVER)
    parties_operations.grant_mandate(
        parties.SYSTEM,
        person_id=banker.person_id,
        organisation_id=banker.organisation_id,
        scope=MandateScope.CONTRACT,
        valid_to=None,
    )
    return {
        "boss": boss,
        "clerk": parties.colleague(boss, Role.ENTERPRISE_CLERK),
        "banker": banker,
        "manager": parties.colleague(banker, Role.INSTITUTION_ACCOUNT_MANAGER),
        "other firm": parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON),
        "other bank": parties.bank(),
        "operator": parties.operator(),
    }


def _draft(people, **changes):
    case = cases.loan_case(people["clerk"], people["manager"])
    terms = LoanTerms(100_000_000, Decimal("0.0435"), 12, RepaymentMethod.EQUAL_INSTALMENT, "采购", **changes)
    return operations.draft_contract(people["manager"], case_uuid=case.uuid, terms=terms)


@pytest.mark.clause("B2", "B6")
def test_both_sides_sign_on_the_page(people):
    contract = _draft(people)
    path = f"/contracts/{contract.uuid}/"
    for name in ("boss", "banker"):
        client = _signed_in(people[name])
        assert "请您签署" in client.get("/contracts/").text
        assert "由我签署" in client.get(path).text
        answer = client.post(f"{path}sign/", {"has_read": "on"}, follow=True)
        assert f"已签署 {contract.number}" in answer.text
        assert "由我签署" not in answer.text
    page = _signed_in(people["clerk"]).get(path).text
    assert "已签署" in page
    assert page.count("签名有效") == 2
    assert "与登记一致" in page
    assert "不具有法律效力" in page


def test_signing_without_reading_is_a_mistake_beside_the_box(people):
    contract = _draft(people)
    answer = _signed_in(people["boss"]).post(f"/contracts/{contract.uuid}/sign/", {})
    assert answer.status_code == 422
    assert "请先阅读合同并勾选确认" in answer.text


@pytest.mark.clause("F3", "F4")
def test_signing_without_mandate_is_refused_and_recorded(people):
    contract = _draft(people)
    path = f"/contracts/{contract.uuid}/sign/"
    answer = _signed_in(people["clerk"]).post(path, {"has_read": "on"})
    assert answer.status_code == 403
    assert "没有代表" in answer.text
    denied = Entry.objects.get(outcome="DENIED")
    assert denied.subject == f"path:{path}"
    assert denied.person_id == people["clerk"].person_id


def test_signing_twice_says_who_has_signed(people):
    contract = _draft(people)
    client = _signed_in(people["boss"])
    for status in (302, 422):
        assert client.post(f"/contracts/{contract.uuid}/sign/", {"has_read": "on"}).status_code == status
    assert len(queries.verify_contract(people["boss"], contract.uuid).signatures) == 1


def test_the_lender_takes_a_contract_back(people):
    contract = _draft(people)
    path = f"/contracts/{contract.uuid}/"
    assert "作废合同" not in _signed_in(people["boss"]).get(path).text
    client = _signed_in(people["manager"])
    assert client.post(f"{path}void/", {"reason": ""}).status_code == 422
    assert "金额有误" in client.post(f"{path}void/", {"reason": "金额有误"}, follow=True).text
    assert _signed_in(people["boss"]).post(f"{path}sign/", {"has_read": "on"}).status_code == 422
    assert _signed_in(people["boss"]).post(f"{path}void/", {"reason": "x"}).status_code == 403


@pytest.mark.clause("F3")
@pytest.mark.parametrize("who", ["other firm", "other bank", "operator"])
@pytest.mark.parametrize("act", ["", "sign/", "void/"])
def test_strangers_find_nothing(people, who, act):
    contract = _draft(people)
    client = _signed_in(people[who])
    path = f"/contracts/{contract.uuid}/{act}"
    answer = client.post(path, {"has_read": "on", "reason": "x"}) if act else client.get(path)
    assert answer.status_code == 404
    assert contract.number not in client.get("/contracts/").text


def test_visitors_sign_in_first(people):
    contract = _draft(people)
    for path in ("/contracts/", f"/contracts/{contract.uuid}/"):
        assert Client().get(path)["Location"].startswith("/accounts/sign-in/")


def test_the_list_asks_few_questions_however_long(people, django_assert_max_num_queries):
    for _ in range(5):
        _draft(people)
    client = _signed_in(people["boss"])
    with django_assert_max_num_queries(20):
        assert client.get("/contracts/").text.count("请您签署") == 5
