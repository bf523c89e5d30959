"""Deadlines of warnings: how long a grade leaves, who is reminded, what is late."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F

from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.events import WarningLate, WarningNear
from finmart.centres.governance.warnings.models import RaisedWarning, WarningLine
from finmart.centres.governance.warnings.operations.telling import tell
from finmart.centres.governance.warnings.types import DeadlineRun, Grade, LineKind, WarningsAct, WarningState
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

REMINDER = "warnings.reminder"


def due_dates() -> Mapping[Grade, datetime]:
    """Return grade → until when a warning of it, raised now, is to be handled, by the working calendar."""
    keys = {grade: f"warnings.deadline.{grade.lower()}" for grade in Grade}
    found = parameters_queries.deadlines(keys.values())
    calendar, now = parameters_queries.working_calendar(), clock.now()
    return {grade: calendar.add(now, found[key].amount, found[key].unit) for grade, key in keys.items()}


def watch_deadlines(actor: Actor) -> DeadlineRun:
    """Remind of open warnings that are due soon, and report those that are late, each once per deadline.

    Asked again it does nothing; a deadline that was moved is watched anew. Raises AccessDenied for all but the system.
    """
    transactions.require()
    if not policies.can_raise(actor):
        raise AccessDenied("处置期限只由平台按规则提醒")
    ahead = timedelta(hours=parameters_queries.integer(REMINDER))
    now = clock.now()
    standing = RaisedWarning.objects.select_for_update().filter(state=WarningState.OPEN, due_at__lte=now + ahead)
    reminded = escalated = 0
    for row in standing.exclude(escalated_for=F("due_at")).order_by("pk"):
        if row.due_at <= now:
            row.escalated_for = row.reminded_for = row.due_at
            _write(actor, row, LineKind.EXPIRED, WarningsAct.WARNING_ESCALATE, "处置期限已过，报平台管理员")
            tell(WarningLate, row)
            escalated += 1
        elif row.reminded_for != row.due_at:
            row.reminded_for = row.due_at
            _write(actor, row, LineKind.REMINDED, WarningsAct.WARNING_REMIND, "处置期限将至，已提醒")
            tell(WarningNear, row)
            reminded += 1
    return DeadlineRun(reminded, escalated)


def _write(actor: Actor, row: RaisedWarning, kind: LineKind, act: WarningsAct, text: str) -> None:
    row.save(update_fields=["reminded_for", "escalated_for"])
    WarningLine.objects.create(warning=row, at=clock.now(), by=None, kind=kind, grade=row.grade, text=text)
    audit_operations.record(actor, act, f"warning:{row.uuid}", due_at=row.due_at.isoformat())
