"""An appeal against the platform: once per thing, found on in time by somebody who did not decide (clause P5)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from factories import catalogue as catalogue_factory
from factories import parties as people
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.governance.feedback import operations as feedback_operations
from finmart.centres.governance.feedback import queries as feedback_queries
from finmart.centres.governance.feedback.types import AppealFinding, AppealSubject, UnableToAppeal
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.journeys.governance.appeal import start as appeal
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict

SYSTEM = Actor.of_system("test")
GROUNDS = "资料齐全，退回理由与公示的上架标准不符"
pytestmark = [pytest.mark.django_db, pytest.mark.clause("P5")]


@pytest.fixture
def operator(db):
    return people.member(people.organisation(OrganisationKind.OPERATOR), Role.OPERATOR, full_name="吴答复")


def _client(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _item(made):
    return processes_queries.open_item_of(made.case_uuid, "decide")


def test_a_firm_appeals_against_a_match_and_reads_the_finding_over_http(operator):
    clerk = people.enterprise()
    firm = _client(clerk)
    assert (
        firm.post("/appeals/new/", {"subject": "MATCHING", "reference": "示例匹配", "grounds": ""}).status_code == 422
    )
    told = {"subject": "MATCHING", "reference": "示例匹配", "grounds": GROUNDS}
    wrong = {"subject": "LISTING", "reference": "示例产品", "grounds": GROUNDS}
    assert firm.post("/appeals/new/", wrong).status_code == 422  # not a firm's to appeal against
    sent = firm.post("/appeals/new/", told)
    assert sent.status_code == 302
    page = firm.get(sent.url).text
    assert "正在办理：<strong>核查与答复</strong>" in page
    assert "前办结" in page  # the clock
    number = sent.url.split("/")[-2]
    case_uuid = cases_queries.case_for(clerk, number).ref.uuid
    item = processes_queries.open_item_of(case_uuid, "decide")
    desk = _client(operator)
    assert GROUNDS in desk.get(f"/items/{item}/").text
    assert desk.post(f"/items/{item}/complete/", {"outcome": "ACCEPT"}).status_code == 422  # reasons are needed
    found = {"outcome": "ACCEPT", "finding_reason": "成立日期录入有误，已更正并重新匹配"}
    assert desk.post(f"/items/{item}/complete/", found).status_code == 302
    listed = firm.get("/appeals/").text
    assert "已更正并重新匹配" in listed
    assert operator.person_name not in listed
    assert number in desk.get("/appeals/").text
    assert any("申诉" in one.title and "结论" in one.title for one in notices_queries.notices_for(clerk))
    assert cases_queries.case_for(clerk, number).ref.state == "CLOSED"
    assert firm.post("/appeals/new/", told).status_code == 422  # once
    assert feedback_queries.figures().accepted == 1
    assert _client(people.enterprise()).get("/appeals/").text.count(number) == 0


def test_who_sent_a_product_back_does_not_find_on_the_appeal(operator):
    bank = catalogue_factory.bank_actor()
    product = catalogue_operations.draft_product(bank, catalogue_factory.terms())
    catalogue_operations.submit(bank, product.uuid)
    catalogue_operations.send_back(operator, product.uuid, "请补充收费依据")
    made = appeal.lodge(bank, subject=AppealSubject.LISTING, reference=str(product.uuid), grounds=GROUNDS)
    assert made.deciders == (operator.person_id,)
    with pytest.raises(AccessDenied):
        processes_operations.complete(operator, _item(made), "REJECT", "", {"finding_reason": "维持"})
    with pytest.raises(AccessDenied, match="回避"):
        feedback_operations.reject_appeal(operator, made.uuid, reason="维持")
    sql = (
        "UPDATE feedback_appeal SET finding='REJECTED', reason='维持', decided_at=now(), decided_by_id=%s WHERE uuid=%s"
    )
    with (
        pytest.raises(IntegrityError, match="four_eyes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [operator.person_id, made.uuid])
    other = people.colleague(operator)
    processes_operations.complete(other, _item(made), "REJECT", "", {"finding_reason": "收费依据确实缺失"})
    (row,) = feedback_queries.appeals_for(bank)
    assert (row.finding, row.reason, row.decided_by) == (AppealFinding.REJECTED, "收费依据确实缺失", "")
    assert catalogue_queries.product_for(bank, product.uuid).state.label != "已上架"


def test_it_is_appealed_once_by_those_it_concerns_and_a_late_one_escalates(operator):
    clerk = people.enterprise()
    made = appeal.lodge(clerk, subject=AppealSubject.SCORE, reference="评分一", grounds=GROUNDS)
    with pytest.raises(Conflict):
        appeal.lodge(clerk, subject=AppealSubject.SCORE, reference="评分一", grounds=GROUNDS)
    with pytest.raises(UnableToAppeal):
        appeal.lodge(clerk, subject=AppealSubject.EXPOSURE, reference="产品", grounds=GROUNDS)
    with pytest.raises(AccessDenied):
        appeal.lodge(operator, subject=AppealSubject.SCORE, reference="评分一", grounds=GROUNDS)
    with clock.moved_to(clock.now() + timedelta(days=16)):
        for one in processes_operations.due():
            processes_operations.fire(SYSTEM, one)
    assert _item(made)  # late, and still waiting for a person
    assert feedback_queries.figures().open == 1
