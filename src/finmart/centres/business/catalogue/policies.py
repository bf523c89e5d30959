"""One question per function: who may do what to a product."""

from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor


def can_write(actor: Actor, institution_id: int) -> bool:
    """May the actor draft, revise and submit products of this institution?"""
    return actor.organisation_id == institution_id and actor.has_role(Role.INSTITUTION_ADMINISTRATOR)


def can_review(actor: Actor) -> bool:
    """Is the actor operator staff who may publish or send back? A job or an import never may."""
    return actor.person_id is not None and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def is_another_than(actor: Actor, submitted_by_id: int | None) -> bool:
    """Is the actor another person than the one who submitted? (Two persons, clause B5.)"""
    return submitted_by_id is not None and actor.person_id != submitted_by_id


def can_delist(actor: Actor, institution_id: int) -> bool:
    return can_write(actor, institution_id) or can_review(actor)


def can_see_unpublished(actor: Actor, institution_id: int) -> bool:
    """May the actor know of versions that were never open to all?"""
    return actor.organisation_id == institution_id or can_review(actor)
