"""One question per function: who may match whom, and who may look at it."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_match(actor: Actor, organisation_id: int) -> bool:
    """Does the actor act for this very firm? Its own facts need nobody's consent but its own (clause F2)."""
    return (
        actor.person_id is not None
        and actor.organisation_id == organisation_id
        and actor.organisation_kind == OrganisationKind.ENTERPRISE
    )


def can_read_reasons(actor: Actor, organisation_id: int) -> bool:
    """May the actor see a run with the facts it saw?"""
    return can_match(actor, organisation_id)


def can_read_states(actor: Actor) -> bool:
    """May the actor see a run without the facts? The operator's purpose is the quality of matching, no more."""
    return actor.person_id is not None and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_try_criteria(actor: Actor, institution_id: int) -> bool:
    """May the actor try other criteria of this institution's product on the city? What comes back are counts only."""
    return actor.organisation_id == institution_id or can_see_exact_counts(actor)


def can_see_exact_counts(actor: Actor) -> bool:
    """May the actor see small counts? The operator may; an institution before consent may not (clause F2)."""
    return can_read_states(actor)


def can_measure(actor: Actor) -> bool:
    """May the actor see how matching does over all firms and institutions? A job for the platform's figures may."""
    return bool(actor.system) or can_read_states(actor)


def can_learn(actor: Actor) -> bool:
    """May the actor learn chances from what happened? A job of the platform, nobody in person."""
    return bool(actor.system)
