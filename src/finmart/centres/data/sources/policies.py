"""Who may load and see what."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_load_for_others(actor: Actor) -> bool:
    """Is the actor the system itself or operator staff?"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_load_invoices_of(actor: Actor, organisation_id: int) -> bool:
    """May the actor load invoices of this firm: its own staff, the operator, the system?"""
    own = actor.organisation_id == organisation_id and actor.organisation_kind == OrganisationKind.ENTERPRISE
    return own or can_load_for_others(actor)


def can_handle_feeds(actor: Actor) -> bool:
    """May the actor pause feeds, release and reject batches and ask departments: operator staff, the system?"""
    return can_load_for_others(actor)


def can_settle_batch(actor: Actor, owner_id: int | None) -> bool:
    """May the actor release or reject a held batch: its owner, the operator's administrator, anybody without one?"""
    if owner_id is None:
        return can_handle_feeds(actor)
    return actor.has_role(Role.OPERATOR_ADMINISTRATOR) or (actor.person_id == owner_id and can_handle_feeds(actor))


def can_settle_loads(actor: Actor) -> bool:
    """May the actor release or refuse held files? A person of the operator."""
    return actor.person_id is not None and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)
