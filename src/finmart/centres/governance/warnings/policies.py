"""Who may look at the whole."""

from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind, Role
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


def can_oversee(actor: Actor) -> bool:
    """May the actor look on, read-only? People of regulators and departments."""
    looks_on = actor.organisation_kind in {OrganisationKind.REGULATOR, OrganisationKind.DEPARTMENT}
    roles = (Role.REGULATOR_FINANCIAL, Role.REGULATOR_OFFICER, Role.DEPARTMENT_OFFICER)
    return actor.person_id is not None and looks_on and actor.has_role(*roles)


def can_see_names(actor: Actor) -> bool:
    """May the actor see whom a warning names? Who supervises institutions and borrowers (a default of ours)."""
    return can_oversee(actor) and actor.has_role(Role.REGULATOR_FINANCIAL)


def can_ask_of_borrowers(actor: Actor) -> bool:
    """May the actor ask for warnings of its own borrowers, each under the firm's consent? Staff of institutions."""
    return actor.person_id is not None and actor.organisation_kind in INSTITUTION_KINDS and bool(actor.roles)
