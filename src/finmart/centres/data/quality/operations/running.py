"""Running the rules: over everything, every day, or over what a load touched."""

import time
from collections.abc import Collection
from uuid import UUID

from django.db import connection

from finmart.centres.data.quality import policies
from finmart.centres.data.quality.models import Lapse, LapseLine, RuleFigure, RuleVersion, Run
from finmart.centres.data.quality.queries.subjects import table_of
from finmart.centres.data.quality.queries.versions import rules_in_force, text_of
from finmart.centres.data.quality.rules.checks import spoken
from finmart.centres.data.quality.rules.judging import judge
from finmart.centres.data.quality.rules.tables import FIRM
from finmart.centres.data.quality.types import (
    Figure,
    LapseState,
    LineKind,
    QualityAct,
    RunResult,
    Subject,
    Trigger,
)
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

_RUNNING = 7_301_012  # any number, as long as nothing else locks it


def run(actor: Actor, *, trigger: Trigger = Trigger.DAILY, load_uuid: UUID | None = None) -> RunResult | None:
    """Judge everything by every rule in force, or what one load touched; store the figures.

    A run over everything opens a lapse for each rule that does not hold and mends those that hold again; one after a
    load only tells. None where this load was judged before. Raises AccessDenied, NotFound for an unknown load.
    """
    transactions.require()
    if not policies.can_run(actor):
        raise AccessDenied("质量规则只由平台或运营人员运行")
    _one_at_a_time()
    if load_uuid is not None and Run.objects.filter(load_uuid=load_uuid).exists():
        return None
    begun, started = time.perf_counter(), clock.now()
    firms = None if load_uuid is None else sources_queries.firms_of_load(load_uuid)
    versions = rules_in_force(clock.today())
    figures, seen = _judged(actor, versions, firms, load_uuid)
    failing = tuple(one.code for one in figures if one.share > versions[one.code].most_failed)
    row = Run.objects.create(
        trigger=Trigger.LOAD if load_uuid else trigger, load_uuid=load_uuid, firms=seen, begun_at=started,
        finished_at=clock.now(),
    )  # fmt: skip
    write_figures(row, versions, figures, failing)
    if load_uuid is None:
        _follow_up(actor, versions, figures, failing)
    audit_operations.record(
        actor, QualityAct.RUN_FINISH, f"run:{row.uuid}", trigger=row.trigger, rules=len(figures), failing=list(failing)
    )
    return RunResult(row.uuid, tuple(figures), failing, time.perf_counter() - begun)


def _judged(
    actor: Actor, versions: dict[str, RuleVersion], firms: Collection[int] | None, load_uuid: UUID | None
) -> tuple[list[Figure], int]:
    """Return every rule's figure and how many firms were looked at, reading each subject's table once."""
    today, figures, seen = clock.today(), [], set()
    for subject in Subject:
        rules = [text_of(one) for one in versions.values() if one.subject == subject]
        if not rules:
            continue
        reads = {name for rule in rules for name in spoken(rule.check, rule.when, today).reads}
        table = table_of(actor, subject, firms, reads, str(load_uuid) if load_uuid else None)
        seen |= set(table[FIRM].drop_nulls().unique().to_list())
        figures += judge(table, rules, today)
    order = list(versions)
    return sorted(figures, key=lambda one: order.index(one.code)), len(seen)


def write_figures(
    row: Run, versions: dict[str, RuleVersion], figures: Collection[Figure], failing: Collection[str]
) -> None:  # fmt: skip
    """Keep what a run found. For this centre only."""
    RuleFigure.objects.bulk_create(
        RuleFigure(
            run=row, version=versions[one.code], code=one.code, checked=one.checked, failed=one.failed,
            passes=one.code not in failing, examples=[[shown.firm_id, shown.text] for shown in one.examples],
        )
        for one in figures
    )  # fmt: skip


def _follow_up(actor: Actor, versions: dict[str, RuleVersion], figures: list[Figure], failing: Collection[str]) -> None:
    standing = {one.code: one for one in Lapse.objects.select_for_update().filter(state=LapseState.OPEN)}
    calendar = parameters_queries.working_calendar()
    for figure in figures:
        lapse, version = standing.pop(figure.code, None), versions[figure.code]
        shares = f"{figure.share:.2%}，允许 {version.most_failed:.2%}"
        words = f"检查 {figure.checked} 行，不合格 {figure.failed} 行（{shares}）"
        if figure.code in failing and lapse is None:
            due = calendar.add(clock.now(), version.days_to_mend, Unit.WORKING_DAYS)
            made = Lapse.objects.create(code=figure.code, owner_id=version.owner_id, opened_at=clock.now(), due_at=due)
            _write(actor, made, LineKind.OPENED, QualityAct.LAPSE_OPEN, words)
        elif figure.code not in failing and lapse is not None:
            _mend(actor, lapse, words)
    for lapse in standing.values():
        _mend(actor, lapse, "规则已停用，不再检查")


def _mend(actor: Actor, lapse: Lapse, words: str) -> None:
    lapse.state, lapse.mended_at = LapseState.MENDED, clock.now()
    lapse.save(update_fields=["state", "mended_at"])
    _write(actor, lapse, LineKind.MENDED, QualityAct.LAPSE_MEND, words)


def _write(actor: Actor, lapse: Lapse, kind: LineKind, act: QualityAct, words: str) -> None:
    LapseLine.objects.create(lapse=lapse, at=clock.now(), by=None, kind=kind, text=words)
    audit_operations.record(actor, act, f"lapse:{lapse.uuid}", rule=lapse.code)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_RUNNING])
