"""Who may train, change, approve and use models."""

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def can_train(actor: Actor) -> bool:
    """May the actor make versions of models and score firms: the system, and operator staff?"""
    return bool(actor.system) or can_read_models(actor)


def can_read_models(actor: Actor) -> bool:
    """Is the actor staff of the operator?"""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def can_read_card(actor: Actor) -> bool:
    """May the actor read the card of a model in force: every institution whose business it informs?"""
    return actor.organisation_kind in {OrganisationKind.BANK, OrganisationKind.INSURER, OrganisationKind.GUARANTOR}


def can_give_opinion(actor: Actor, made_by_id: int | None, given: set[int]) -> bool:
    """May the actor approve or reject: operator staff who neither made the version nor have spoken on it?"""
    return can_read_models(actor) and actor.person_id is not None and actor.person_id not in given | {made_by_id}


def is_own(actor: Actor, organisation_id: int) -> bool:
    """Does the actor act for this very firm?"""
    return actor.organisation_kind == OrganisationKind.ENTERPRISE and actor.organisation_id == organisation_id
