"""Who is told that a masked value of theirs was shown in full. Clause D2."""

from django.urls import reverse

from finmart.centres.technical.masking.events import ValueUnmasked
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties.types import Members, Role
from finmart.kit.actor import Actor

TELLER = Actor.of_system("masking")
MANAGERS = (Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ADMINISTRATOR)


def on_value_unmasked(event: ValueUnmasked) -> None:
    """Tell the person concerned, and who manages the people of the organisation concerned."""
    managers = [Members(event.concerned_organisation_id, MANAGERS)] if event.concerned_organisation_id else []
    notices_operations.notify(
        TELLER,
        person_ids=[event.concerned_person_id] if event.concerned_person_id else [],
        members=managers,
        template="value_unmasked",
        values={
            "who": event.organisation_name or "一位用户",
            "what": event.kind.label,
            "purpose": event.purpose.label,
        },
        link=reverse("accounts:own"),
        key=f"unmasked:{event.unmasking_uuid}",
    )
