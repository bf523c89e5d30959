"""An emergency from its start to its report over HTTP, real and drilled; what a plan asks for is asked of people."""

import io
import re
from datetime import timedelta

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from factories import emergencies as factory
from factories import parties as people
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import CaseKind
from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.types import EmergencyState, Level, UnableToClose, UnableToRecord
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")
pytestmark = pytest.mark.django_db
PASSED = {
    "assess": ("CONFIRM", {"level": "II"}),
    "contain": ("DONE", {"contain_result": "已与在贷机构商定展期"}),
    "contain_again": ("DONE", {"contain_result": "补充担保已落实"}),
    "acknowledge": ("SEEN", {"guidance": "请每日报告"}),
    "recover": ("RECOVERED", {"recovery_basis": "三家企业恢复生产，逾期已还清"}),
    "review": (
        "DONE",
        {
            "review_result": "三家企业恢复，无损失", "review_cause": "下游客户集中拖欠",
            "lessons": "增加客户集中度预警\n\n完善展期流程",
        },
    ),
    "verify": ("PASS", {}),
}  # fmt: skip


def _client(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def _do(actor, case_uuid, step, outcome="", **fields):
    """Complete a step over HTTP as the page does; return the answer."""
    chosen, filled = PASSED.get(step, ("", {}))
    item = processes_queries.open_item_of(case_uuid, step)
    return _client(actor).post(
        reverse("items:complete", args=[item]), {"outcome": outcome or chosen, **(fields or filled)}
    )


def _record_all(actor, uuid):
    for step in queries.emergency_for(actor, uuid).steps:
        address = reverse("operator:emergency_record", args=[uuid, step.code])
        assert _client(actor).post(address, {"text": "已完成并留存记录"}).status_code == 302


def _told(person):
    return [notice.title for notice in notices_queries.notices_for(person)]


@pytest.mark.clause("D5")
def test_a_drill_over_http_from_the_plan_to_its_report():
    by = factory.staff()
    pages = _client(by.operator)
    listed = _text(pages.get("/operator/emergencies/"))
    assert "企业集中违约" in listed
    assert "还没有演练" in listed
    assert "平台管理员" in _text(pages.get("/operator/emergencies/plans/default_cluster/"))
    begin = "/operator/emergencies/plans/default_cluster/start/"
    wrong = pages.post(begin, {"title": "停产"})
    assert wrong.status_code == 422
    assert _text(wrong).count("field-wrong") >= 4
    filled = {
        "is_drill": "DRILL", "level": "III", "title": "吴中区多家企业停产", "summary": "三家企业同日逾期，原因不明",
        "regulator": str(by.regulator.organisation_id), "institutions": [str(by.bank.organisation_id)],
    }  # fmt: skip
    assert pages.post(begin, filled).status_code == 302
    (row,) = queries.emergencies_for(by.operator, is_drill=True)
    found = queries.emergency_for(by.operator, row.uuid)
    case = found.case_uuid
    assert row.title.startswith("【演练】")

    # Level II is commanded by an administrator: an operator may not confirm it.
    assert _do(by.operator, case, "assess").status_code == 403
    assert _do(by.chief, case, "assess").status_code == 302
    assert queries.emergency_for(by.operator, row.uuid).row.level is Level.II
    assert any(title.startswith("【演练】") for title in _told(by.bank))
    assert any(title.startswith("【演练】") for title in _told(by.regulator))

    refused = _do(by.chief, case, "contain")
    assert refused.status_code == 422
    assert "还有 4 个处置步骤没有登记" in _text(refused)
    _record_all(by.operator, row.uuid)
    assert _do(by.chief, case, "contain").status_code == 302
    assert "这是演练" in _text(_client(by.regulator).get(_item_page(case, "acknowledge")))
    assert _do(by.regulator, case, "acknowledge").status_code == 302
    assert _do(by.chief, case, "recover", "CONTINUE", recovery_basis="一家仍停产").status_code == 302
    assert _do(by.chief, case, "contain_again").status_code == 302
    assert _do(by.chief, case, "recover").status_code == 302
    assert _do(by.operator, case, "review").status_code == 302
    assert _do(by.operator, case, "verify").status_code in {403, 422}  # who wrote it does not check it
    assert _do(by.chief, case, "verify", "REDO", redo_reason="请补充原因").status_code == 302
    assert _do(by.operator, case, "review").status_code == 302
    _answer_call(by, row.uuid)
    assert _do(by.chief, case, "verify").status_code == 302
    _check_closed(by, row.uuid, pages)


def _item_page(case_uuid, step):
    return reverse("items:item", args=[processes_queries.open_item_of(case_uuid, step)])


def _answer_call(by, uuid):
    (call,) = queries.emergency_for(by.operator, uuid).calls
    bank = _client(by.bank)
    page = _text(bank.get(_item_page(call.case_uuid, "answer")))
    assert "暂缓单方面抽贷" in page
    assert "三家企业同日逾期" not in page  # what happened is not told, only what is asked
    assert _do(by.bank, call.case_uuid, "answer", "DONE").status_code == 422
    assert _do(by.bank, call.case_uuid, "answer", "DONE", measures="已核对敞口，暂缓抽贷").status_code == 302


def _check_closed(by, uuid, pages):
    found = queries.emergency_for(by.operator, uuid)
    assert found.row.state is EmergencyState.CLOSED
    assert [one.text for one in found.improvements] == ["增加客户集中度预警", "完善展期流程"]
    assert [one.text for one in found.calls] == ["已核对敞口，暂缓抽贷"]
    assert cases_queries.case_by_uuid_for(by.operator, found.case_uuid).ref.kind == CaseKind.EMERGENCY_DRILL
    _, content = documents_queries.content_for(by.operator, found.report_uuid)
    told = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    for words in ("应急演练报告", "没有发生真实事件", "核实与定级", "按时", "增加客户集中度预警", "姑苏样例银行"):
        assert words in told.replace("\n", ""), words
    page = _text(pages.get(f"/operator/emergencies/{uuid}/"))
    for words in ("演练报告", "按时完成", "已按要求落实", "复盘复核"):
        assert words in page
    finish = f"/operator/emergencies/{uuid}/improvements/{found.improvements[0].id}/"
    assert pages.post(finish, {"text": ""}).status_code == 422
    assert pages.post(finish, {"text": "已在规则表中增加"}).status_code == 302
    assert pages.post(finish, {"text": "再办一次试试"}).status_code == 422
    counted = queries.figures()
    assert (counted.running, counted.closed, counted.drills) == (0, 0, 1)
    (row,) = [one for one in queries.plan_rows_for(by.operator) if one.plan.code == "default_cluster"]
    assert row.latest_drill_on == clock.today()


@pytest.mark.clause("D5")
def test_what_was_nothing_is_stood_down_with_the_reason_and_calls_nobody():
    by = factory.staff()
    made = factory.started(by, is_drill=False)
    assert not made.title.startswith("【演练】")
    assert _do(by.operator, made.case_uuid, "assess", "FALSE_ALARM", false_reason="").status_code == 422
    reason = "来源重复报送，企业正常经营"
    assert _do(by.operator, made.case_uuid, "assess", "FALSE_ALARM", false_reason=reason).status_code == 302
    found = queries.emergency_for(by.operator, made.uuid)
    assert (found.row.state, found.outcome, found.calls) == (EmergencyState.FALSE_ALARM, reason, ())
    assert _told(by.bank) == []
    assert queries.figures().closed == 1
    with pytest.raises(UnableToRecord, match="已结束"), transactions.opened():
        operations.require_steps(SYSTEM, made.case_uuid)


@pytest.mark.clause("D5")
def test_a_real_one_is_late_and_says_so_and_its_times_stand_beside_their_deadlines():
    by = factory.staff()
    began = clock.now()
    made = factory.started(by, is_drill=False, level=Level.IV)
    with clock.moved_to(began + timedelta(hours=9)):
        with transactions.opened():
            assert [processes_operations.fire(SYSTEM, one) for one in processes_operations.due()]
        assert "事项已超时" in _told(by.chief)
        assert _do(by.operator, made.case_uuid, "assess", "CONFIRM", level="IV").status_code == 302
        assert queries.emergency_for(by.operator, made.uuid).calls == ()  # level IV calls nobody
        _record_all(by.operator, made.uuid)
        steps = queries.emergency_for(by.operator, made.uuid).steps
        assert {step.code for step in steps if step.is_late} == {"freeze"}  # eight hours were given
        page = _text(_client(by.operator).get(f"/operator/emergencies/{made.uuid}/"))
    assert "超时" in page
    with transactions.opened(), pytest.raises(UnableToRecord, match="已登记"):
        operations.record_step(by.operator, made.uuid, "freeze", "再登记一次")


def test_who_is_not_of_the_operator_starts_and_sees_nothing():
    by = factory.staff()
    made = factory.started(by)
    for stranger in (by.bank, by.regulator, people.enterprise()):
        client = _client(stranger)
        for address in ("", "plans/default_cluster/", "plans/default_cluster/start/", f"{made.uuid}/"):
            assert client.get(f"/operator/emergencies/{address}").status_code == 403
    other = people.bank()
    number = cases_queries.number_for(SYSTEM, made.case_uuid)
    assert _client(other).get(f"/cases/{number}/").status_code == 404
    assert _client(by.bank).get(f"/cases/{number}/").status_code == 404
    assert _client(by.regulator).get(f"/cases/{number}/").status_code == 200


def test_a_review_without_words_ends_nothing():
    by = factory.staff()
    made = factory.started(by)
    with transactions.opened(), pytest.raises(UnableToClose):
        operations.close(SYSTEM, made.case_uuid, outcome="", cause="")
    assert Role.REGULATOR_FINANCIAL in by.regulator.roles
