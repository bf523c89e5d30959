"""The entrance to the data module (数据分析, clause A4-4): who answers for it, how each part stands, where it leads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinatePeriodicDefer

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.quality import queries as quality_queries
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import FeedHealth
from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.feedback import queries as feedback_queries
from finmart.centres.governance.warnings import queries as warnings_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit.actor import Actor
from finmart.portals.operator.products import staff
from finmart.ui.requests import signed_in

OWNER = "modules.analysis.owner"  # a setting of the city's pack
GOOD, BAD, OPEN = "green", "red", "orange"
VERDICTS = {GOOD: "正常", BAD: "异常", OPEN: "待处理"}


@dataclass(frozen=True, slots=True)
class Runs:
    """What the schedule did for a part: its latest finished run, and how many jobs failed for good."""

    latest_at: datetime | None
    failed: int


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the module: what it is for, where it leads, how it stands at this moment."""

    title: str
    purpose: str
    url: str
    state: str
    tone: str
    runs: Runs

    @property
    def verdict(self) -> str:
        return VERDICTS[self.tone]


@require_GET
@signed_in
def entrance(request: HttpRequest) -> HttpResponse:
    """Show every part of the module with its live state."""
    actor = staff(request)
    areas = _areas(actor)
    context = {
        "owner": parameters_queries.value(OWNER),
        "owner_url": reverse("operator:parameter", args=[OWNER]),
        "areas": areas,
        "well": sum(area.tone == GOOD and not area.runs.failed for area in areas),
        "failed": sum(area.runs.failed for area in areas),
    }
    return render(request, "operator/analysis.html", context)


def _areas(actor: Actor) -> list[Area]:
    runs = _runs()
    facts, firms = profiles_queries.count_facts()
    matched = matching_queries.figures()
    return [
        _area("数据来源", "部门与平台的数据如何进来", "operator:feeds", _feeds(actor), _of(runs, ["sources:"])),
        _area("数据质量", "规则每日检查，不合格的先扣下", "operator:quality", _quality(), _of(runs, ["quality:"])),
        _area(
            "企业画像", "每项数据有来源、日期和级别", "operator:grades",
            (f"{firms} 家企业，{facts} 项数据", GOOD if facts else OPEN), _of(runs, ["profiles:"]),
        ),
        _area("风险模型", "评分、漂移监测、挑战模型", "scorecards:list", _models(), _of(runs, ["risk:"])),
        _area("风险预警", "分级、限时、有人负责", "operator:warnings", _warnings(), _of(runs, ["warnings:"])),
        _area("应急处置", "预案、演练与复盘", "operator:emergencies", _plans(), _of(runs, ["emergencies:"])),
        _area("压力推演", "假设一家、一区、一集群出险", "operator:stress", ("按需计算，不预存", GOOD), Runs(None, 0)),
        _area(
            "匹配质量", "精准与公平的数字", "operator:matching",
            (f"{matched.runs} 次匹配", GOOD if matched.runs else OPEN), _of(runs, ["matching:"]),
        ),
        _area("复核与申诉", "拒贷人工复核、对平台决定的申诉", "appeals:list", _appeals(actor), Runs(None, 0)),
    ]  # fmt: skip


def _area(title: str, purpose: str, name: str, told: tuple[str, str], runs: Runs) -> Area:
    return Area(title, purpose, reverse(name), *told, runs)


def _feeds(actor: Actor) -> tuple[str, str]:
    rows = sources_queries.feeds_for(actor)
    sound = sum(row.health is FeedHealth.SOUND for row in rows)
    down = sum(row.health in {FeedHealth.DOWN, FeedHealth.STOPPED} for row in rows)
    said = f"{len(rows)} 个来源，{sound} 个正常，{down} 个中断；已归集发票 {sources_queries.count_invoices()} 张"
    return said, BAD if down else GOOD if rows and sound == len(rows) else OPEN


def _quality() -> tuple[str, str]:
    found = quality_queries.figures()
    if not found.asked:
        return "还没有检查过", OPEN
    return f"{found.holding}/{found.asked} 条规则达标", GOOD if found.holding == found.asked else OPEN


def _models() -> tuple[str, str]:
    found = risk_queries.figures()
    if not found.model:
        return f"尚无生效的评分卡，待审批 {found.waiting} 版", OPEN
    drift = "尚未监测" if found.drift is None else f"PSI {found.drift:.3f}"
    said = f"{found.model}生效，{found.firms} 家已评分，{drift}，待审批 {found.waiting} 版"
    return said, BAD if found.is_beyond else GOOD


def _warnings() -> tuple[str, str]:
    found = warnings_queries.figures()
    return f"{found.open} 条处置中，{found.late} 条已过期限", BAD if found.late else GOOD


def _plans() -> tuple[str, str]:
    found = emergencies_queries.figures()
    return f"{found.plans} 个预案，{found.running} 起处置中，演练 {found.drills} 次", OPEN if found.running else GOOD


def _appeals(actor: Actor) -> tuple[str, str]:
    reviews, appeals = applications_queries.review_figures(actor), feedback_queries.figures()
    reviewed = f"复核 {reviews.requested} 件，撤销拒绝 {reviews.reopened} 件"
    return f"{reviewed}；申诉 {appeals.lodged} 件，{appeals.open} 件办理中", OPEN if appeals.open else GOOD


def _runs() -> dict[str, Runs]:
    """Return task → its runs. A job that ended well is no longer kept, so a run without one has ended well."""
    deferred = ProcrastinatePeriodicDefer.objects.filter(job=None).values_list("task_name")
    done = dict(deferred.annotate(latest=Max("defer_timestamp")))
    failures = ProcrastinateJob.objects.filter(status="failed").values_list("task_name")
    failed = dict(failures.annotate(number=Count("pk")))
    return {
        task: Runs(datetime.fromtimestamp(done[task], UTC) if task in done else None, failed.get(task, 0))
        for task in {*done, *failed}
    }


def _of(runs: dict[str, Runs], prefixes: Sequence[str]) -> Runs:
    """Return the runs of a part as one: its latest of all its tasks, its failures together."""
    own = [found for task, found in runs.items() if task.startswith(tuple(prefixes))]
    return Runs(_latest(one.latest_at for one in own), sum(one.failed for one in own))


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
