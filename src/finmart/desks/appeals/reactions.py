"""Who is told that an appeal was found on: the party that lodged it."""

from django.urls import reverse

from finmart.centres.governance.feedback.events import AppealDecided
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties.types import Members, Role
from finmart.kit.actor import Actor

TELLER = Actor.of_system("appeals")
SPEAKERS = (
    Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ACCOUNT_MANAGER,
    Role.INSTITUTION_ADMINISTRATOR,
)  # fmt: skip


def on_appeal_decided(event: AppealDecided) -> None:
    notices_operations.notify(
        TELLER,
        members=[Members(event.organisation_id, SPEAKERS)],
        template="appeal_decided",
        values={"number": event.number, "found": "已采纳" if event.is_accepted else "未采纳"},
        link=reverse("cases:page", args=[event.number]),
    )
