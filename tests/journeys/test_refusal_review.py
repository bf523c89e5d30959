"""A refusal looked at again by a person: asked for once and in time, decided by somebody else, told with reasons."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from factories import bank_loan as factory
from factories import risk as risk_factory
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationState, RefusalReason, ReviewOutcome, UnableToReview
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import EventKind, UnableToSignOff
from finmart.config import deployment
from finmart.integrations import bpmn
from finmart.integrations.bpmn.model import Kind
from finmart.journeys.online.refusal_review import start as refusal_review
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, Refusal

SYSTEM = Actor.of_system("test")
GROUNDS = "上年末已偿还大额借款，现金流已明显改善，请重新核算"
pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(db):
    """A loan that the bank's approver refused; two account managers and the reviewer had signed before."""
    story = factory.story()
    for name in story.steps():
        if name == "review":
            break
    story.complete(story.cast.bank["approver_a"], "approve", "REFUSE", refusal_reason="CASH_FLOW")
    return story


def _client(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _number(story):
    return cases_queries.case_by_uuid_for(SYSTEM, story.case_uuid).ref.number


def _asked(story):
    with transactions.opened():
        return refusal_review.request(story.cast.clerk, story.application.uuid, grounds=GROUNDS)


def test_the_flow_of_every_process_of_the_case_is_shown(refused):
    _asked(refused)
    clerk, address = _client(refused.cast.clerk), f"/cases/{_number(refused)}/?tab=flow"
    first, latest = processes_queries.instances_of(refused.cast.clerk, refused.case_uuid)
    page = clerk.get(address).content.decode()
    assert f"?tab=flow&amp;process={first.uuid}" in page
    assert f"/flow/{latest.uuid}/model/" in page
    earlier = clerk.get(f"{address}&process={first.uuid}").content.decode()
    assert f"/flow/{first.uuid}/model/" in earlier
    assert f"?tab=flow&amp;process={latest.uuid}" in earlier
    stranger = clerk.get(f"{address}&process={refused.application.uuid}").content.decode()
    assert f"/flow/{latest.uuid}/model/" in stranger


def _assigned(story, reviewer="approver_b"):
    review, bank = _asked(story), story.cast.bank
    story.complete(bank["administrator"], "assign", "ASSIGN", reviewer=bank[reviewer].person_id)
    return review


@pytest.mark.clause("D4", "P3")
def test_a_refusal_is_asked_about_reviewed_by_somebody_else_and_taken_back_over_http(refused):
    firm, number, bank = _client(refused.cast.clerk), _number(refused), refused.cast.bank
    assert "请求人工复核" in firm.get(f"/cases/{number}/").text
    assert firm.post(f"/cases/{number}/review/", {"grounds": ""}).status_code == 422
    paper = SimpleUploadedFile("还款凭证.txt", "已还清".encode(), content_type="text/plain")
    sent = firm.post(f"/cases/{number}/review/", {"grounds": GROUNDS, "file": paper})
    assert sent.status_code == 302, sent.text
    shown = firm.get(f"/cases/{number}/").text
    assert "人工复核进行中" in shown
    assert "还款凭证.txt" in firm.get(f"/cases/{number}/?tab=papers").text
    assert "正在办理：<strong>指定复核人</strong>" in shown

    administrator = _client(bank["administrator"])
    page = f"/items/{processes_queries.open_item_of(refused.case_uuid, 'assign')}/"
    offered = administrator.get(page).text
    assert GROUNDS in offered
    assert f'value="{bank["approver_b"].person_id}"' in offered
    assert f'value="{bank["approver_a"].person_id}"' not in offered  # decided before
    wrong = {"outcome": "ASSIGN", "reviewer": str(bank["approver_a"].person_id)}
    assert administrator.post(f"{page}complete/", wrong).status_code == 422
    chosen = {"outcome": "ASSIGN", "reviewer": str(bank["approver_b"].person_id)}
    assert administrator.post(f"{page}complete/", chosen).status_code == 302

    reviewer = _client(bank["approver_b"])
    page = f"/items/{processes_queries.open_item_of(refused.case_uuid, 'review')}/"
    assert "经营现金流不足以还款" in reviewer.get(page).text
    assert reviewer.post(f"{page}complete/", {"outcome": "REOPEN"}).status_code == 422  # no reasons, no finding
    found = {"outcome": "REOPEN", "review_reason": "凭证属实，原测算漏计了已还借款"}
    assert reviewer.post(f"{page}complete/", found).status_code == 302

    shown = firm.get(f"/cases/{number}/").text
    assert "撤销拒绝，可重新申请" in shown
    assert "凭证属实，原测算漏计了已还借款" in shown
    assert bank["approver_b"].person_name not in shown.split("理由：")[0].split("人工复核：")[1]
    assert any("人工复核已有结论" in notice.title for notice in notices_queries.notices_for(refused.cast.clerk))
    assert cases_queries.case_by_uuid_for(SYSTEM, refused.case_uuid).ref.state == "CLOSED"

    again = firm.post(f"/cases/{number}/apply-again/")
    assert again.status_code == 302
    application = applications_queries.applications_for(refused.cast.clerk)[0]
    assert application.uuid != refused.application.uuid
    assert application.state is ApplicationState.SUBMITTED
    assert again.url == f"/cases/{application.number}/"
    with pytest.raises(Conflict), transactions.opened():  # a product once for a need, as ever
        applications_operations.apply(refused.cast.clerk, refused.need_uuid, [refused.product.version_id])


@pytest.mark.clause("D4")
def test_a_refusal_upheld_says_why_and_stays(refused):
    _assigned(refused)
    refused.complete(refused.cast.bank["approver_b"], "review", "UPHOLD", review_reason="凭证与账户流水不符")
    application = applications_queries.application_for(refused.cast.clerk, refused.application.uuid)
    review = applications_queries.review_for(refused.cast.clerk, application)
    assert (review.outcome, review.reason) == (ReviewOutcome.UPHELD, "凭证与账户流水不符")
    assert (review.may_request, review.may_apply_again) == (False, False)
    assert (review.decided_by, application.state) == ("", ApplicationState.REFUSED)
    assert _client(refused.cast.clerk).post(f"/cases/{_number(refused)}/apply-again/").status_code == 403
    figures = applications_queries.review_figures(SYSTEM)
    assert (figures.requested, figures.upheld, figures.reopened) == (1, 1, 0)


@pytest.mark.clause("D4")
def test_it_is_asked_for_once_in_time_and_by_the_firm_alone(refused):
    with pytest.raises(AccessDenied), transactions.opened():
        refusal_review.request(refused.cast.bank["approver_a"], refused.application.uuid, grounds=GROUNDS)
    with clock.moved_to(clock.now() + timedelta(days=31)), pytest.raises(UnableToReview, match="期限"):
        _asked(refused)
    _assigned(refused)
    refused.complete(refused.cast.bank["approver_b"], "review", "UPHOLD", review_reason="维持")
    with pytest.raises(Conflict, match="只能请求一次"):
        _asked(refused)


@pytest.mark.clause("D4", "E1")
def test_who_decided_before_cannot_be_named_handed_it_or_written_down(refused):
    review, bank = _asked(refused), refused.cast.bank
    with pytest.raises(Refusal, match="未参与原决定"):
        refused.complete(bank["administrator"], "assign", "ASSIGN", reviewer=bank["reviewer"].person_id)
    refused.complete(bank["administrator"], "assign", "ASSIGN", reviewer=bank["approver_b"].person_id)
    item = processes_queries.open_item_of(refused.case_uuid, "review")
    with pytest.raises(UnableToSignOff):
        processes_operations.transfer(bank["approver_b"], item, person_id=bank["approver_a"].person_id)
    with pytest.raises(AccessDenied, match="参与过原决定"):
        applications_operations.uphold(bank["approver_a"], review.uuid, reason="维持")
    sql = (
        "UPDATE applications_review SET outcome = 'UPHELD', reason = '维持', decided_at = now(), decided_by_id = %s"
        " WHERE uuid = %s"
    )
    with (
        pytest.raises(IntegrityError, match="four_eyes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [bank["approver_a"].person_id, review.uuid])


@pytest.mark.clause("D4")
def test_a_review_nobody_gives_escalates_and_never_answers_itself(refused):
    _assigned(refused)
    with clock.moved_to(clock.now() + timedelta(days=40)):
        for one in processes_operations.due():
            processes_operations.fire(SYSTEM, one)
    assert processes_queries.find_open_item(refused.case_uuid, "review") is not None
    instance = processes_queries.instances_of(SYSTEM, refused.case_uuid)[-1]
    assert EventKind.DEADLINE_MISSED in {one.act for one in processes_queries.events_of(SYSTEM, instance.uuid)}
    late = notices_queries.notices_for(refused.cast.bank["administrator"])
    assert any("人工复核" in notice.body + notice.title for notice in late)


@pytest.mark.clause("D4")
def test_a_score_that_was_looked_at_is_told_with_its_reason_codes_and_is_no_reason_itself():
    story = factory.story()
    for name in story.steps():
        if name == "accept":
            break
    clerk, bank = story.cast.clerk, story.cast.bank
    told = risk_factory.scored(clerk)
    assert "企业数据" in _client(bank["manager_a"]).get(f"/institution/cases/{_number(story)}/facts/").text
    story.complete(bank["manager_a"], "due_diligence", "FAIL", findings="现金流不足", refusal_reason="CASH_FLOW")
    application = applications_queries.application_for(clerk, story.application.uuid)
    assert application.refusal_reason is RefusalReason.CASH_FLOW
    assert application.score_seen.points == told.points
    assert application.score_seen.codes == tuple(one.code for one in told.reasons)
    page = _client(clerk).get(f"/cases/{_number(story)}/").text
    assert f"{told.points} 分" in page
    assert "是否拒绝由机构决定" in page
    assert not {code for code in RefusalReason if "评分" in code.label}


@pytest.mark.clause("D4")
def test_every_way_to_a_refusal_in_the_model_begins_with_the_word_of_the_banks_people():
    """What leads to 登记拒绝原因 is the outcome of a step of the bank; no table and no service decides it."""
    (file,) = [one for one in deployment.models() if one.parent.name == "bank_loan"]
    model = bpmn.read(file.read_text(encoding="utf-8"))
    reached, waiting, deciders = set(), ["refuse"], set()
    while waiting:
        target = waiting.pop()
        for flow in model.flows.values():
            if flow.target != target or flow.source in reached:
                continue
            source = model.nodes[flow.source]
            assert source.kind in {Kind.EXCLUSIVE, Kind.STEP}, source.id
            if source.kind is Kind.STEP:
                deciders.add(source.id)
                continue
            reached.add(source.id)
            waiting.append(source.id)
    assert deciders == {"accept", "due_diligence", "review", "approve"}
    assert {model.nodes[one].lane for one in deciders} == {"贷款银行"}
    (table,) = bpmn.read_decisions(deployment.decisions_of(file)).values()
    assert {entry.text for entry in table.inputs} == {"amount_fen", "security_required"}
