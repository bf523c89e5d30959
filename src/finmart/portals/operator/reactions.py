"""Who is told of warnings, and where the notice leads (clauses D5, D8)."""

from django.urls import reverse

from finmart.centres.governance.warnings.events import (
    ScanDone,
    WarningAssigned,
    WarningEvent,
    WarningLate,
    WarningNear,
    WarningWorse,
)
from finmart.centres.governance.warnings.types import Grade
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.actor import Actor

TELLER = Actor.of_system("warnings")


def on_scan_done(event: ScanDone) -> None:
    """Tell all who handle warnings once a night how many there are, not of each."""
    raised = "、".join(f"{Grade(grade).label} {number} 条" for grade, number in event.raised) or "没有新预警"
    notices_operations.notify(
        TELLER, members=_operators(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR), template="warnings_scanned",
        values={"raised": raised, "regraded": event.regraded}, link=reverse("operator:warnings"),
    )  # fmt: skip


def on_warning_assigned(event: WarningAssigned) -> None:
    _tell(event, "warning_assigned")


def on_warning_near(event: WarningNear) -> None:
    _tell(event, "warning_near")


def on_warning_worse(event: WarningWorse) -> None:
    _tell(event, "warning_worse")


def on_warning_late(event: WarningLate) -> None:
    """Tell its owner and, since it was not handled in time, the administrators."""
    _tell(event, "warning_late", _operators(Role.OPERATOR_ADMINISTRATOR))


def _tell(event: WarningEvent, template: str, also: tuple[Members, ...] = ()) -> None:
    owners = () if event.owner_id else _operators(event.owner_role)
    notices_operations.notify(
        TELLER,
        person_ids=[event.owner_id] if event.owner_id else [],
        members=[*owners, *also],
        template=template,
        values={
            "firm": event.firm_name, "signal": event.signal_label, "grade": Grade(event.grade).label,
            "due": f"{event.due_at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}",
        },
        link=reverse("operator:warning", args=[event.uuid]),
    )  # fmt: skip


def _operators(*roles: str) -> tuple[Members, ...]:
    return tuple(Members(one, roles) for one in parties_queries.ids_of_kind(OrganisationKind.OPERATOR))
