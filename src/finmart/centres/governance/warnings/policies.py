"""Who may look at the whole."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_stress(actor: Actor) -> bool:
    """May the actor ask what a failure would do to everybody? Operator staff and the system."""
    operates = actor.organisation_kind == OrganisationKind.OPERATOR
    return bool(actor.system) or (operates and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR))


def can_watch(actor: Actor) -> bool:
    """May the actor see warnings and act on them? The same people."""
    return can_stress(actor)


def can_raise(actor: Actor) -> bool:
    """May the actor raise warnings? Only the platform itself, by its rules."""
    return bool(actor.system)


def can_act(actor: Actor, owner_id: int | None) -> bool:
    """May the actor write down what was done? Whoever has taken the warning."""
    return actor.person_id is not None and can_watch(actor) and owner_id == actor.person_id


def can_assign(actor: Actor, owner_id: int | None) -> bool:
    """May the actor hand the warning to somebody? Its owner, and administrators whoever has it."""
    administers = can_watch(actor) and actor.has_role(Role.OPERATOR_ADMINISTRATOR)
    return actor.person_id is not None and (administers or can_act(actor, owner_id))


def can_upgrade(actor: Actor, owner_id: int | None) -> bool:
    """May the actor call it worse than the rule did? The same people."""
    return can_assign(actor, owner_id)


def can_lift(actor: Actor, owner_id: int | None, *, is_red: bool) -> bool:
    """May the actor lift it? The owner; a red one takes another pair of eyes (a default of ours)."""
    if not is_red:
        return can_act(actor, owner_id)
    return actor.person_id is not None and can_watch(actor) and owner_id not in {None, actor.person_id}
