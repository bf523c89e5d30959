"""Who may look at the whole."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_stress(actor: Actor) -> bool:
    """May the actor ask what a failure would do to everybody? Operator staff and the system."""
    operates = actor.organisation_kind == OrganisationKind.OPERATOR
    return bool(actor.system) or (operates and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR))
