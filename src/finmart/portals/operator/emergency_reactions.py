"""Who is told of emergencies, calls, drills and lessons (clauses D5, D8)."""

from django.urls import reverse

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.data.sources.events import SourceDown
from finmart.centres.governance.emergencies import operations as emergencies_operations
from finmart.centres.governance.emergencies.events import (
    DrillOverdue,
    EmergencyProposed,
    ImprovementLate,
    PartyCalled,
    RevisionProposed,
)
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, OrganisationKind, Role
from finmart.kit import clock
from finmart.kit.actor import Actor

TELLER = Actor.of_system("emergencies")
CONTACTS = (
    Role.INSTITUTION_ADMINISTRATOR, Role.INSTITUTION_ACCOUNT_MANAGER, Role.REGULATOR_FINANCIAL, Role.REGULATOR_OFFICER,
    Role.DEPARTMENT_OFFICER,
)  # fmt: skip


def on_party_called(event: PartyCalled) -> None:
    """Tell the contacts of who was called, with the plan's words; a drill's words say that it is one."""
    notices_operations.notify(
        TELLER,
        members=[Members(event.organisation_id, CONTACTS)],
        template="general",
        values={"title": event.title, "text": event.text},
        link=reverse("cases:page", args=[cases_queries.number_for(TELLER, event.case_uuid)]),
    )


def on_source_down(_: SourceDown) -> None:
    emergencies_operations.propose_outages(TELLER)


def on_emergency_proposed(event: EmergencyProposed) -> None:
    _tell("emergency_proposed", {"plan": event.plan_title, "evidence": event.evidence}, key="")


def on_revision_proposed(event: RevisionProposed) -> None:
    _tell(
        "plan_revision_proposed", {"plan": event.plan_title, "by": event.made_by}, key="",
        link=reverse("operator:plan_revision", args=[event.revision_uuid]),
    )  # fmt: skip


def on_drill_overdue(event: DrillOverdue) -> None:
    month = f"{clock.today():%Y-%m}"
    _tell(
        "drill_overdue", {"plan": event.plan_title, "due": f"{event.due_on:%Y-%m-%d}"},
        key=f"drill:{event.plan_code}:{event.due_on}:{month}",
    )  # fmt: skip


def on_improvement_late(event: ImprovementLate) -> None:
    month = f"{clock.today():%Y-%m}"
    _tell(
        "improvement_late", {"text": event.text, "due": f"{event.due_on:%Y-%m-%d}"},
        key=f"improvement:{event.improvement_id}:{month}",
    )  # fmt: skip


def _tell(template: str, values: dict[str, object], *, key: str, link: str = "") -> None:
    roles = (Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)
    operators = [Members(one, roles) for one in parties_queries.ids_of_kind(OrganisationKind.OPERATOR)]
    notices_operations.notify(
        TELLER, members=operators, template=template, values=values,
        link=link or reverse("operator:emergencies"), key=key,
    )  # fmt: skip
