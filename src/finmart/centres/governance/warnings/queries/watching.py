"""What is watched today, firm by firm, and the warnings there are."""

import json
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, Count, When

from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.queries.stress import CAPITAL, guaranteed_by
from finmart.centres.governance.warnings.rules import signals
from finmart.centres.governance.warnings.types import (
    Grade,
    LineKind,
    LineView,
    SignalCode,
    WarningFigures,
    WarningsAct,
    WarningState,
    WarningView,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

SALES, LITIGATION = "monthly_sales", "litigation_count"
Values = dict[int, Decimal]


def watched_values(actor: Actor) -> dict[SignalCode, Values]:
    """Return signal → firm → today's value, only where it is known. For this centre's scan."""
    loans = servicing_queries.exposures_for(actor)
    overdue: Values = {}
    for loan in loans:
        if loan.borrower_id is not None and loan.overdue_since_on is not None:
            days = Decimal((clock.today() - loan.overdue_since_on).days)
            overdue[loan.borrower_id] = max(days, overdue.get(loan.borrower_id, Decimal(0)))
    guaranteed = guaranteed_by(actor, loans)
    found: dict[SignalCode, Values] = {code: {} for code in SignalCode}
    found[SignalCode.OVERDUE] = overdue
    table = profiles_queries.fact_table([SALES, LITIGATION, CAPITAL], actor=actor, purpose=Purpose.WARNING)
    for row in table.iter_rows(named=True):
        firm, capital = row["organisation_id"], row[CAPITAL]
        values = {
            SignalCode.SALES_DROP: signals.sales_drop(_months(row[SALES])),
            SignalCode.LITIGATION: None if row[LITIGATION] is None else Decimal(int(row[LITIGATION])),
            SignalCode.GUARANTEES: signals.guarantees_to_capital(
                guaranteed.get(firm, 0), None if capital is None else int(capital)
            ),
        }
        for code, value in values.items():
            if value is not None:
                found[code][firm] = value
    return found


def _months(text: str | None) -> list[tuple[str, int]]:
    return [] if text is None else [(str(month), int(fen)) for month, fen in json.loads(text)]


def thresholds() -> dict[SignalCode, dict[Grade, Decimal]]:
    """Return signal → grade → the least value of it, as the settings say today."""
    keys = {(code, grade): signal.setting(grade) for code, signal in signals.SIGNALS.items() for grade in Grade}
    values = parameters_queries.values(keys.values())
    found: dict[SignalCode, dict[Grade, Decimal]] = {code: {} for code in SignalCode}
    for (code, grade), key in keys.items():
        found[code][grade] = Decimal(values[key])
    return found


def warnings_for(actor: Actor, *, state: WarningState = WarningState.OPEN, limit: int = 100) -> list[WarningView]:
    """Return warnings, the worst and then the soonest due first. Raises AccessDenied for all but operator staff."""
    _require(actor)
    worst_first = Case(*(When(grade=grade, then=place) for place, grade in enumerate(Grade)))
    rows = RaisedWarning.objects.filter(state=state).select_related("owner").order_by(worst_first, "due_at", "pk")
    return _views(actor, rows[:limit])


def warning_for(actor: Actor, uuid: UUID) -> WarningView:
    """Return one warning with its history. Raises AccessDenied, NotFound."""
    _require(actor)
    row = RaisedWarning.objects.filter(uuid=uuid).select_related("owner").first()
    if row is None:
        raise NotFound("没有找到该预警")
    return _views(actor, [row])[0]


def counts_for(actor: Actor) -> dict[Grade, int]:
    """Return grade → how many warnings stand open, every grade present. Raises AccessDenied."""
    _require(actor)
    counted = dict.fromkeys(Grade, 0)
    rows = RaisedWarning.objects.filter(state=WarningState.OPEN).values("grade").annotate(number=Count("pk"))
    return counted | {Grade(row["grade"]): row["number"] for row in rows}


def figures() -> WarningFigures:
    """Return how many warnings stand open, how many of them are late, and how many were lifted; sums only."""
    still_open = RaisedWarning.objects.filter(state=WarningState.OPEN)
    return WarningFigures(
        open=still_open.count(),
        late=still_open.filter(due_at__lt=clock.now()).count(),
        lifted=RaisedWarning.objects.filter(state=WarningState.LIFTED).count(),
    )


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
        owner_name=row.owner.full_name if row.owner else "",
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
        WarningsAct.WARNING_LIFT: policies.can_lift(actor, row.owner_id, is_red=row.grade == Grade.RED),
    }
    return frozenset(act for act, allowed in asked.items() if allowed)
