"""One question per function: who may ask, handle and review."""

from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import MandateScope, OrganisationKind, Role
from finmart.kit.actor import Actor


def can_ask_for_firm(actor: Actor) -> bool:
    """May the actor speak for its firm's data: its legal person, or who holds a mandate for consents?"""
    if actor.person_id is None or actor.organisation_id is None:
        return False
    if actor.organisation_kind != OrganisationKind.ENTERPRISE:
        return False
    return parties_queries.can_sign_for(actor.person_id, actor.organisation_id, MandateScope.CONSENT)


def is_own(actor: Actor, request: DataRequest) -> bool:
    """Is the request the actor's own, or of the firm it may speak for?"""
    if request.organisation_id is None:
        return actor.person_id is not None and request.person_id == actor.person_id
    return request.organisation_id == actor.organisation_id and can_ask_for_firm(actor)


def can_handle(actor: Actor) -> bool:
    """Is the actor operator staff?"""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def may_handle(actor: Actor, request: DataRequest) -> bool:
    """May the actor handle this one: operator staff who did not make it?"""
    return can_handle(actor) and request.person_id != actor.person_id


def may_review(actor: Actor, request: DataRequest) -> bool:
    """May the actor review: operator staff who neither made nor answered it?"""
    return may_handle(actor, request) and request.answered_by_id != actor.person_id
