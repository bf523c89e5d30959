"""The record of who came in, as whom, and who was turned away (clause F4)."""

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties.models import Membership
from finmart.centres.technical.parties.types import PartiesAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound


def sign_in(actor: Actor, *, second_factor: bool) -> None:
    """Record that a session has begun; ``second_factor`` says whether one was shown."""
    transactions.require()
    audit_operations.record(actor, PartiesAct.SESSION_SIGN_IN, f"person:{actor.person_id}", second_factor=second_factor)


def sign_out(actor: Actor) -> None:
    """Record that a session has ended."""
    transactions.require()
    audit_operations.record(actor, PartiesAct.SESSION_SIGN_OUT, f"person:{actor.person_id}")


def refuse_sign_in(actor: Actor, *, username: str, reason: str, path: str) -> None:
    """Record a sign-in that failed or was locked out; never what was typed as the password."""
    transactions.require()
    audit_operations.record_denial(actor, path=path, reason=f"{reason}：{username[:60]}")


def choose_organisation(actor: Actor, membership_id: int) -> None:
    """Record for which organisation the actor goes on. Raises NotFound for a place the actor does not hold."""
    transactions.require()
    held = Membership.objects.filter(pk=membership_id, person_id=actor.person_id or 0, valid_to=None)
    organisation_id = held.values_list("organisation_id", flat=True).first()
    if organisation_id is None:
        raise NotFound("没有找到该机构")
    audit_operations.record(
        actor, PartiesAct.SESSION_CHOOSE_ORGANISATION, f"person:{actor.person_id}", organisation=organisation_id
    )


def enrol_second_factor(actor: Actor) -> None:
    """Record that the actor's account asks for a second factor from now on."""
    transactions.require()
    audit_operations.record(actor, PartiesAct.SECOND_FACTOR_ENROL, f"person:{actor.person_id}")


def remove_second_factor(actor: Actor) -> None:
    """Record that the actor's account no longer asks for one."""
    transactions.require()
    audit_operations.record(actor, PartiesAct.SECOND_FACTOR_REMOVE, f"person:{actor.person_id}")
