"""One question per function: who may do what to people and organisations."""

from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor


def can_register_organisation(actor: Actor) -> bool:
    """Is the actor the system itself or operator staff? (A firm registers itself through its admission.)"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_manage_members(actor: Actor, organisation_id: int) -> bool:
    """May the actor add and remove people of this organisation?"""
    if actor.system or actor.has_role(Role.OPERATOR_ADMINISTRATOR):
        return True
    return actor.organisation_id == organisation_id and actor.has_role(
        Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ADMINISTRATOR
    )
