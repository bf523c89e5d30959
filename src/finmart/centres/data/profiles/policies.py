"""Who may compute, record and see facts."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_compute(actor: Actor) -> bool:
    """Is the actor the system itself or operator staff?"""
    return bool(actor.system) or _operates(actor)


def can_record_for(actor: Actor, organisation_id: int) -> bool:
    """May the actor record facts of this firm: the firm's own staff (self-declared), the operator, the system?"""
    return can_compute(actor) or is_own(actor, organisation_id)


def can_end_copies(actor: Actor) -> bool:
    """Does the platform itself act? Copies end as their consent said, by nobody's hand."""
    return bool(actor.system)


def is_own(actor: Actor, organisation_id: int) -> bool:
    """Does the actor act for this very firm?"""
    return actor.organisation_kind == OrganisationKind.ENTERPRISE and actor.organisation_id == organisation_id


def _operates(actor: Actor) -> bool:
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def can_dispute(actor: Actor, organisation_id: int) -> bool:
    """May the actor say that a fact of this firm is wrong? The firm's own people."""
    return actor.person_id is not None and is_own(actor, organisation_id)


def can_settle_disputes(actor: Actor) -> bool:
    """May the actor route disputes to suppliers and settle them? People of the operator."""
    return actor.person_id is not None and _operates(actor)
