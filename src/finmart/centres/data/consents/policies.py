"""Who may grant, withdraw, and read for which purpose."""

from finmart.centres.data.consents.types import CONSENT_PURPOSES, OPERATOR_PURPOSES
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import INSTITUTION_KINDS, MandateScope, OrganisationKind, Role
from finmart.kit.actor import Actor

RECIPIENT_KINDS = INSTITUTION_KINDS | {OrganisationKind.FUND, OrganisationKind.DEPARTMENT}


def can_sign_consent(actor: Actor, grantor_id: int) -> bool:
    """Does the actor, acting for the grantor, hold a mandate for consents today?"""
    if actor.person_id is None or actor.organisation_id != grantor_id:
        return False
    return parties_queries.can_sign_for(actor.person_id, grantor_id, MandateScope.CONSENT)


def can_be_recipient(kind: str) -> bool:
    """May organisations of this kind be given consent to read a firm's facts?"""
    return kind in RECIPIENT_KINDS


def can_use_operator_purpose(actor: Actor, purpose: str) -> bool:
    """Is this one of the operator's own purposes, asked for by the system or by operator staff?"""
    operates = bool(actor.system) or actor.organisation_kind == OrganisationKind.OPERATOR
    return purpose in OPERATOR_PURPOSES and operates


def can_ask_under_consent(actor: Actor, purpose: str) -> bool:
    """Is this a purpose that needs consent, asked for by somebody of an organisation that may be given one?"""
    known = actor.person_id is not None and purpose in CONSENT_PURPOSES
    return known and can_be_recipient(actor.organisation_kind)


def can_read_whole_ledger(actor: Actor) -> bool:
    """Is the actor operator staff?"""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def can_record_basis(actor: Actor) -> bool:
    """Is the actor the operator's administrator?"""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(Role.OPERATOR_ADMINISTRATOR)
