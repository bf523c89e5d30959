"""What is watched today, firm by firm, and the warnings there are."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import polars as pl
from django.db.models import Case, Count, QuerySet, When

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.queries.stress import guaranteed_by
from finmart.centres.governance.warnings.rules import measures, signals
from finmart.centres.governance.warnings.types import (
    Grade,
    Holder,
    LineKind,
    LineView,
    RuleView,
    SignalCode,
    WarningFigures,
    WarningFilter,
    WarningsAct,
    WarningState,
    WarningView,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

Values = dict[int, Decimal]
MOST_DAYS_OLD, GAP_MONTHS = "warnings.most_days_old", "warnings.query_gap.months"
DAYS_A_MONTH = 30.4375
EVERY_OPEN = WarningFilter()


def watched_values(actor: Actor) -> dict[SignalCode, Values]:
    """Return signal → firm → today's value, only where it is known. For this centre's scan.

    What departments and platforms supply counts only while it is fresh; a source that is silent gives no signal.
    """
    settings = parameters_queries.values([MOST_DAYS_OLD, GAP_MONTHS])
    table = profiles_queries.dated_table(measures.FACTS, actor=actor, purpose=Purpose.WARNING)
    supplied = [code for code in measures.FACTS if FACT_TYPES[code].is_supplied]
    table = measures.without_old(table, supplied, clock.today(), settings[MOST_DAYS_OLD])
    own = _own_records(actor, settings[GAP_MONTHS])
    table = table.join(own, on="organisation_id", how="full", coalesce=True)
    found = measures.measured(table)
    return {
        code: {
            firm: Decimal(str(value))
            for firm, value in found.select("organisation_id", code).drop_nulls().iter_rows()
        }
        for code in SignalCode
    }  # fmt: skip


def _own_records(actor: Actor, months: int) -> pl.DataFrame:
    """Return what the platform itself knows, by firm: days overdue, guarantees given, who was asked for a loan."""
    loans = servicing_queries.exposures_for(actor)
    overdue: dict[int, int] = {}
    for loan in loans:
        if loan.borrower_id is not None and loan.overdue_since_on is not None:
            days = (clock.today() - loan.overdue_since_on).days
            overdue[loan.borrower_id] = max(days, overdue.get(loan.borrower_id, 0))
    guaranteed = guaranteed_by(actor, loans)
    since = clock.now() - timedelta(days=round(months * DAYS_A_MONTH))
    paths = applications_queries.paths_for(actor, since=since)
    asked = {
        firm: set(seen) for firm, seen in consents_queries.readers_since(actor, since, Purpose.LOAN_REVIEW).items()
    }
    for path in paths:
        asked.setdefault(path.organisation_id, set()).add(path.institution_id)
    granted = {path.organisation_id for path in paths if path.was_signed}
    firms = sorted({*overdue, *guaranteed, *asked})
    return pl.DataFrame(
        {
            "organisation_id": firms,
            measures.OVERDUE_DAYS: [overdue.get(firm) for firm in firms],
            measures.GUARANTEED: [guaranteed.get(firm) for firm in firms],
            measures.ASKED: [len(asked[firm]) if firm in asked else None for firm in firms],
            measures.GRANTED: [firm in granted for firm in firms],
        },
        schema={
            "organisation_id": pl.Int64, measures.OVERDUE_DAYS: pl.Float64, measures.GUARANTEED: pl.Float64,
            measures.ASKED: pl.Float64, measures.GRANTED: pl.Boolean,
        },
    )  # fmt: skip


def thresholds() -> dict[SignalCode, dict[Grade, Decimal]]:
    """Return signal → grade → the least value of it, as the settings say today."""
    keys = {(code, grade): signal.setting(grade) for code, signal in signals.SIGNALS.items() for grade in Grade}
    values = parameters_queries.values(keys.values())
    found: dict[SignalCode, dict[Grade, Decimal]] = {code: {} for code in SignalCode}
    for (code, grade), key in keys.items():
        found[code][grade] = Decimal(values[key])
    return found


def worst_first() -> Case:
    """Return the order of grades for a query, the worst first. For this centre."""
    return Case(*(When(grade=grade, then=place) for place, grade in enumerate(Grade)))


def warnings_for(
    actor: Actor, narrowed: WarningFilter = EVERY_OPEN, *, limit: int = 100, offset: int = 0
) -> list[WarningView]:
    """Return warnings, the worst and then the soonest due first. Raises AccessDenied for all but operator staff."""
    _require(actor)
    rows = _narrowed(actor, narrowed).select_related("owner").order_by(worst_first(), "due_at", "pk")
    if narrowed.grade is not None:
        rows = rows.filter(grade=narrowed.grade)
    return _views(actor, rows[offset : offset + limit])


def warning_for(actor: Actor, uuid: UUID) -> WarningView:
    """Return one warning with its history. Raises AccessDenied, NotFound."""
    _require(actor)
    row = RaisedWarning.objects.filter(uuid=uuid).select_related("owner").first()
    if row is None:
        raise NotFound("没有找到该预警")
    return _views(actor, [row])[0]


def counts_for(actor: Actor, narrowed: WarningFilter = EVERY_OPEN) -> dict[Grade, int]:
    """Return grade → how many warnings there are, every grade present, whatever grade it is narrowed to.

    Raises AccessDenied.
    """
    _require(actor)
    counted = dict.fromkeys(Grade, 0)
    rows = _narrowed(actor, narrowed).values("grade").annotate(number=Count("pk"))
    return counted | {Grade(row["grade"]): row["number"] for row in rows}


def _narrowed(actor: Actor, narrowed: WarningFilter) -> QuerySet[RaisedWarning]:
    """Return what a filter lets through, of every grade."""
    rows = RaisedWarning.objects.filter(state=narrowed.state)
    if narrowed.signal is not None:
        rows = rows.filter(signal=narrowed.signal)
    if narrowed.holder is not None:
        rows = rows.filter(owner=actor.person_id if narrowed.holder is Holder.MINE else None)
    return rows


def figures() -> WarningFigures:
    """Return how many warnings stand open, how many of them are late, and how many were lifted; sums only."""
    still_open = RaisedWarning.objects.filter(state=WarningState.OPEN)
    return WarningFigures(
        open=still_open.count(),
        late=still_open.filter(due_at__lt=clock.now()).count(),
        lifted=RaisedWarning.objects.filter(state=WarningState.LIFTED).count(),
    )


def rules_for(actor: Actor) -> list[RuleView]:
    """Return the table of signals with the thresholds in force. Raises AccessDenied for all but operator staff."""
    _require(actor)
    limits = thresholds()
    counts = RaisedWarning.objects.filter(state=WarningState.OPEN).values_list("signal")
    standing = dict(counts.annotate(number=Count("pk")))
    return [
        RuleView(
            code=code,
            label=code.label,
            facts=tuple(FACT_TYPES[fact].label for fact in signal.facts),
            formula=signal.formula,
            action=signal.action,
            owner_label=Role(signal.owner_role).label,
            thresholds=tuple((grade, signals.shown(signal, limits[code][grade])) for grade in Grade),
            unit="%" if signal.is_share else "",
            open=standing.get(code, 0),
        )
        for code, signal in signals.SIGNALS.items()
    ]


def _require(actor: Actor) -> None:
    if not policies.can_watch(actor):
        raise AccessDenied("预警只对运营人员开放")


def _views(actor: Actor, rows: Iterable[RaisedWarning]) -> list[WarningView]:
    listed = list(rows)
    firms = {one.id: one.name for one in parties_queries.organisations({row.firm_id for row in listed})}
    lines: dict[int, list[WarningLine]] = {}
    for line in WarningLine.objects.filter(warning__in=listed).select_related("by").order_by("pk"):
        lines.setdefault(line.warning_id, []).append(line)
    return [_view(actor, row, firms[row.firm_id], lines.get(row.pk, [])) for row in listed]


def _view(actor: Actor, row: RaisedWarning, firm: str, lines: list[WarningLine]) -> WarningView:
    signal = signals.SIGNALS[SignalCode(row.signal)]
    return WarningView(
        uuid=row.uuid,
        signal_label=signal.code.label,
        formula=signal.formula,
        action=signal.action,
        grade=Grade(row.grade),
        firm_name=firm,
        evidence=row.evidence,
        state=WarningState(row.state),
        raised_at=row.raised_at,
        due_at=row.due_at,
        owner_id=row.owner_id,
        owner_name=row.owner.full_name if row.owner else "",
        is_late=row.state == WarningState.OPEN and row.due_at < clock.now(),
        lift_reason=row.lift_reason,
        lines=tuple(
            LineView(
                line.at,
                line.by.full_name if line.by else "",
                LineKind(line.kind).label,
                Grade(line.grade).label,
                line.text,
            )
            for line in lines
        ),
        acts=_acts(actor, row),
    )


def _acts(actor: Actor, row: RaisedWarning) -> frozenset[WarningsAct]:
    if row.state != WarningState.OPEN:
        return frozenset()
    asked = {
        WarningsAct.WARNING_TAKE: row.owner_id is None and actor.person_id is not None,
        WarningsAct.WARNING_ACT: policies.can_act(actor, row.owner_id),
        WarningsAct.WARNING_ASSIGN: policies.can_assign(actor, row.owner_id),
        WarningsAct.WARNING_UPGRADE: row.grade != Grade.RED and policies.can_upgrade(actor, row.owner_id),
        WarningsAct.WARNING_LIFT: policies.can_lift(actor, row.owner_id, is_red=row.grade == Grade.RED),
    }
    return frozenset(act for act, allowed in asked.items() if allowed)
