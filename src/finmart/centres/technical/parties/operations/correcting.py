"""Correcting what is registered of a person or an organisation, as a granted request asks."""

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties.models import Organisation, Person
from finmart.centres.technical.parties.types import PartiesAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def correct_contact(actor: Actor, person_id: int, *, email: str | None = None, phone: str | None = None) -> None:
    """Set a person's e-mail address or telephone number, or empty it; None leaves it. For the platform only.

    The trail says that it was done, not what the value is.
    """
    transactions.require()
    _require_platform(actor)
    person = Person.objects.select_for_update().get(pk=person_id)
    changed = {name: value for name, value in (("email", email), ("phone", phone)) if value is not None}
    for name, value in changed.items():
        setattr(person, name, value.strip())
    person.save()
    audit_operations.record(actor, PartiesAct.PERSON_CORRECT, f"person:{person.uuid}", fields=sorted(changed))


def correct_address(actor: Actor, organisation_id: int, address: str) -> None:
    """Set an organisation's address. For the platform only."""
    transactions.require()
    _require_platform(actor)
    organisation = Organisation.objects.select_for_update().get(pk=organisation_id)
    organisation.address = address.strip()
    organisation.save(update_fields=["address"])
    audit_operations.record(
        actor, PartiesAct.ORGANISATION_CORRECT, f"organisation:{organisation.uuid}", fields=["address"]
    )


def _require_platform(actor: Actor) -> None:
    if not actor.system:
        raise AccessDenied("登记信息只按已同意的申请更正")
