"""Who may see the store's state and learn whose row one is."""

from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor


def can_build(actor: Actor) -> bool:
    """Is this the system, or the platform's operator?"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_see_state(actor: Actor) -> bool:
    """May the actor read what the store holds and who re-identified what?"""
    return can_build(actor)


def can_reidentify(actor: Actor) -> bool:
    """May the actor learn whose row one is? The platform's administrator alone, as a named person."""
    return actor.person_id is not None and actor.has_role(Role.OPERATOR_ADMINISTRATOR)
