"""Who commands and who looks on."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_command(actor: Actor) -> bool:
    """May the actor start an emergency or a drill and record what is done? Operator staff."""
    operates = actor.organisation_kind == OrganisationKind.OPERATOR
    return actor.person_id is not None and operates and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_see_all(actor: Actor) -> bool:
    """May the actor see every emergency? Operator staff and the system."""
    return bool(actor.system) or can_command(actor)


def can_watch(actor: Actor) -> bool:
    """May the actor propose, remind and adopt plans? Only the platform itself."""
    return bool(actor.system)


def can_adopt(actor: Actor, made_by_id: int | None) -> bool:
    """May the actor adopt or reject a revision? Operator staff who did not write it."""
    return can_command(actor) and actor.person_id != made_by_id
