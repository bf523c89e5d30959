"""The daily look at every firm. Asked again, it changes nothing that has not changed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.events import ScanDone, WarningWorse
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.operations.deadlines import due_dates
from finmart.centres.governance.warnings.operations.telling import tell
from finmart.centres.governance.warnings.queries.watching import thresholds, watched_values
from finmart.centres.governance.warnings.rules import signals
from finmart.centres.governance.warnings.types import (
    Grade,
    LineKind,
    ScanResult,
    SignalCode,
    WarningsAct,
    WarningState,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def scan(actor: Actor) -> ScanResult:
    """Raise a warning for every firm that gives a signal, and raise the grade of an open one that got worse.

    A grade never falls by itself and a warning never goes away by itself: a person lifts it, with a reason. Raises
    AccessDenied for all but the system.
    """
    transactions.require()
    if not policies.can_raise(actor):
        raise AccessDenied("预警只由平台按规则发出")
    limits, due = thresholds(), due_dates()
    standing = {
        (row.firm_id, SignalCode(row.signal)): row
        for row in RaisedWarning.objects.select_for_update().filter(state=WarningState.OPEN).order_by("pk")
    }
    judged, raised, regraded = dict.fromkeys(map(str, SignalCode), 0), dict.fromkeys(Grade, 0), 0
    for code, values in watched_values(actor).items():
        judged[code] = len(values)
        for firm_id, value in values.items():
            grade = signals.grade_of(value, limits[code])
            if grade is None:
                continue
            row = standing.get((firm_id, code))
            if row is None:
                _raise(actor, firm_id, code, grade, value, due)
                raised[grade] += 1
            elif signals.is_worse(grade, Grade(row.grade)):
                _regrade(actor, row, grade, value, due)
                regraded += 1
    if any(raised.values()) or regraded:
        events.publish(ScanDone(tuple((str(grade), number) for grade, number in raised.items() if number), regraded))
    return ScanResult(judged, sum(raised.values()), regraded)


def _raise(
    actor: Actor, firm_id: int, code: SignalCode, grade: Grade, value: Decimal, due: Mapping[Grade, datetime]
) -> None:
    row = RaisedWarning.objects.create(
        signal=code, grade=grade, firm_id=firm_id, evidence=signals.evidence(signals.SIGNALS[code], value),
        raised_at=clock.now(), due_at=due[grade],
    )  # fmt: skip
    _write(actor, row, LineKind.RAISED, WarningsAct.WARNING_RAISE)
    if grade is Grade.RED:
        tell(WarningWorse, row)


def _regrade(actor: Actor, row: RaisedWarning, grade: Grade, value: Decimal, due: Mapping[Grade, datetime]) -> None:
    row.grade, row.due_at = grade, min(row.due_at, due[grade])
    row.evidence = signals.evidence(signals.SIGNALS[SignalCode(row.signal)], value)
    row.save(update_fields=["grade", "due_at", "evidence"])
    _write(actor, row, LineKind.REGRADED, WarningsAct.WARNING_REGRADE)
    tell(WarningWorse, row)


def _write(actor: Actor, row: RaisedWarning, kind: LineKind, act: WarningsAct) -> None:
    WarningLine.objects.create(warning=row, at=clock.now(), by=None, kind=kind, grade=row.grade, text=row.evidence)
    audit_operations.record(actor, act, f"warning:{row.uuid}", signal=row.signal, grade=row.grade)
