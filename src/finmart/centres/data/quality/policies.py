"""Who judges quality, and who answers for it."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_watch(actor: Actor) -> bool:
    """May the actor see runs, figures and examples? Operator staff and the system."""
    operates = actor.organisation_kind == OrganisationKind.OPERATOR
    return bool(actor.system) or (operates and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR))


def can_set(actor: Actor) -> bool:
    """May the actor set a rule's threshold, owner and days? A person of the operator."""
    return actor.person_id is not None and can_watch(actor)


def can_run(actor: Actor) -> bool:
    """May the actor have the rules run? The platform by its schedule, a person of the operator by asking."""
    return can_watch(actor)


def can_load_rules(actor: Actor) -> bool:
    """May the actor bring in the rules of a pack? Only the platform itself."""
    return bool(actor.system)


def can_measure(actor: Actor, owner_id: int | None) -> bool:
    """May the actor write down what was done about a lapse? Its owner; anybody of the operator where it has none."""
    return can_set(actor) and owner_id in {None, actor.person_id}
