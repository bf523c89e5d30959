"""One question per function: who may do what to people and organisations."""

from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor


def can_register_organisation(actor: Actor) -> bool:
    """Is the actor the system itself or operator staff? (A firm registers itself through its admission.)"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_look_up_persons(actor: Actor) -> bool:
    """May the actor find a person by telephone number or e-mail address: the operator, for requests of the person?"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_manage_members(actor: Actor, organisation_id: int) -> bool:
    """May the actor add and remove people of this organisation?"""
    if actor.system or actor.has_role(Role.OPERATOR_ADMINISTRATOR):
        return True
    return actor.organisation_id == organisation_id and actor.has_role(
        Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ADMINISTRATOR
    )


def can_name_legal_person(actor: Actor) -> bool:
    """May the actor make somebody legal person? Only who has checked the licence: the system or its administrator."""
    return bool(actor.system) or actor.has_role(Role.OPERATOR_ADMINISTRATOR)


def can_grant_mandate(actor: Actor, organisation_id: int) -> bool:
    """May the actor let others sign for this organisation?"""
    if actor.system:
        return True
    return actor.organisation_id == organisation_id and actor.has_role(
        Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ADMINISTRATOR
    )


def can_end_deputy(actor: Actor, *, absent_id: int, organisation_id: int) -> bool:
    """May the actor end this stand-in: the absent person, or who manages the organisation's people?"""
    own = actor.organisation_id == organisation_id and actor.person_id == absent_id
    return own or can_manage_members(actor, organisation_id)


def can_revoke_mandate(actor: Actor, *, holder_id: int, organisation_id: int) -> bool:
    """May the actor end this mandate: who grants them, or its holder?"""
    own = actor.organisation_id == organisation_id and actor.person_id == holder_id
    return own or can_grant_mandate(actor, organisation_id)


def can_record_conflict(actor: Actor, person_id: int) -> bool:
    """May the actor record this person's interest: their own, or of people they manage?"""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or bool(actor.system) or _manages_own(actor)


def can_end_conflict(actor: Actor, person_id: int) -> bool:
    """May the actor say that an interest is over: who manages the people, never the person themselves?"""
    return bool(actor.system) or (_manages_own(actor) and actor.person_id != person_id)


def _manages_own(actor: Actor) -> bool:
    return actor.organisation_id is not None and can_manage_members(actor, actor.organisation_id)
