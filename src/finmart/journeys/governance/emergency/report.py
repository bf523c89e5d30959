"""The close-out report as a paper."""

from datetime import datetime
from typing import Any

from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.emergencies.types import EmergencyView
from finmart.centres.technical.processes.types import StepContext
from finmart.integrations import typst
from finmart.journeys.governance.emergency import timing
from finmart.kit import clock
from finmart.kit.actor import Actor

READER = Actor.of_system("emergency")
DRILL_NOTICE = "本报告为应急演练记录：没有发生真实事件，不计入真实应急的任何统计。"
NOTICE = "级别、时限与处置步骤出自应急预案，均为本产品缺省值，由各地按本地预案改写。"


def paper(context: StepContext) -> bytes:
    """Return the report of the case's emergency as PDF; a drill says on its first page that it is one."""
    found = emergencies_queries.emergency_of_case_for(READER, context.case_uuid)
    return typst.render("report", values_of(found))


def values_of(found: EmergencyView) -> dict[str, Any]:
    """Return what the paper says, for an emergency that is closed."""
    row = found.row
    phases = [
        (
            one.name,
            _at(one.opened_at),
            _at(one.closed_at),
            _at(one.due_at),
            _kept(is_late=one.is_late, at=one.closed_at),
        )
        for one in timing.phases_of(found.case_uuid)
    ]
    steps = [
        (one.text, one.by_label, _at(one.due_at), _at(one.done_at), _kept(is_late=one.is_late, at=one.done_at),
         one.done_text or "—")
        for one in found.steps
    ]  # fmt: skip
    calls = [
        (one.organisation_name, _at(one.due_at), one.answer.label, _at(one.answered_at), one.text or "—")
        for one in found.calls
    ]
    improvements = [(one.text, f"{one.due_on:%Y-%m-%d}") for one in found.improvements]
    return {
        "title": f"{'应急演练' if row.is_drill else '应急处置'}报告",
        "subtitle": row.number,
        "made_on": f"{clock.today():%Y-%m-%d}",
        "notice": DRILL_NOTICE if row.is_drill else NOTICE,
        "sections": [
            _section("基本情况", (
                f"事由：{row.title}",
                f"情况：{found.summary}",
                f"预案：{found.plan.title}（第 {found.plan.version} 版，来源：{found.plan.source}）",
                f"级别：{row.level.label}，{found.plan.terms(row.level).meaning}",
                f"启动 {_at(row.started_at)}，结束 {_at(row.closed_at)}",
            )),
            _section("各阶段用时与期限", (), ("阶段", "开始", "完成", "期限", "是否按时"), phases),
            _section("处置步骤", (), ("步骤", "责任方", "期限", "完成", "是否按时", "情况"), steps),
            _section(
                "机构协同", () if calls else ("本次没有通知机构。",), ("机构", "期限", "反馈", "时间", "说明"), calls
            ),
            _section("复盘", (f"结果与影响：{found.outcome}", f"原因分析：{found.cause}")),
            _section("改进事项", (), ("事项", "办理期限"), improvements),
        ],
    }  # fmt: skip


def _section(heading: str, paragraphs: tuple[str, ...] = (), columns: tuple[str, ...] = (), rows: Any = ()) -> Any:
    return {"heading": heading, "paragraphs": paragraphs, "columns": columns if rows else (), "rows": rows}


def _at(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}"


def _kept(*, is_late: bool, at: datetime | None) -> str:
    return "未完成" if at is None else "超时" if is_late else "按时"
