"""Who may do what with needs, applications and offers."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from finmart.centres.business.applications.models import Application, Need, Offer
from finmart.centres.business.applications.types import Move
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor

FIRM_ROLES = (Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON)
INSTITUTION_ROLES = (
    Role.INSTITUTION_ACCOUNT_MANAGER,
    Role.INSTITUTION_APPROVER,
    Role.INSTITUTION_DISBURSEMENT_OFFICER,
    Role.INSTITUTION_REVIEWER,
)
_BY_FIRM = frozenset({Move.RESUBMIT, Move.ACCEPT_OFFER, Move.DECLINE, Move.WITHDRAW})
_BY_BOTH = frozenset({Move.SIGN})
_BY_SYSTEM = frozenset({Move.LAPSE})


def can_state_need(actor: Actor) -> bool:
    """Does the actor work for a firm, with a role that lets it ask for money?"""
    return actor.organisation_kind == OrganisationKind.ENTERPRISE and actor.has_role(*FIRM_ROLES)


def acts_for_firm(actor: Actor, organisation_id: int) -> bool:
    return actor.organisation_id == organisation_id and actor.has_role(*FIRM_ROLES)


def acts_for_institution(actor: Actor, institution_id: int) -> bool:
    return actor.organisation_id == institution_id and actor.has_role(*INSTITUTION_ROLES)


def can_move(actor: Actor, move: Move, organisation_id: int, institution_id: int) -> bool:
    """May the actor make this move, whatever the state? A job or a process step acts as the system."""
    if actor.system:
        return True
    if move in _BY_SYSTEM:
        return False
    by_firm = acts_for_firm(actor, organisation_id) and move in _BY_FIRM | _BY_BOTH
    return by_firm or (acts_for_institution(actor, institution_id) and move not in _BY_FIRM)


def can_request_review(actor: Actor, application: Application) -> bool:
    """May the actor ask for the firm that a person look at its refusal again?"""
    return acts_for_firm(actor, application.organisation_id)


def may_decide_review(actor: Actor, deciders: Collection[int]) -> bool:
    """Is the actor a person who did not decide before? (Four eyes; the database asks the same.)"""
    return actor.person_id is not None and actor.person_id not in deciders


def can_count(actor: Actor) -> bool:
    """May the actor see how many applications stand where, on the whole platform?"""
    return bool(actor.system) or (
        actor.organisation_kind == OrganisationKind.OPERATOR
        and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)
    )


def can_know_need(actor: Actor, need: Need) -> bool:
    """May the actor know of the need? As :func:`visible_needs` says it of many."""
    return bool(actor.system) or (actor.organisation_id is not None and need.organisation_id == actor.organisation_id)


def visible_needs(actor: Actor) -> QuerySet[Need]:
    """Return the needs of the actor's own firm; nobody else sees one, an institution sees its application."""
    if actor.system:
        return Need.objects.all()
    return Need.objects.filter(organisation_id=actor.organisation_id) if actor.organisation_id else Need.objects.none()


def can_know(actor: Actor, application: Application) -> bool:
    """May the actor know of the application? As :func:`visible_applications` says it of many."""
    sides = (application.organisation_id, application.institution_id)
    return bool(actor.system) or (actor.organisation_id is not None and actor.organisation_id in sides)


def visible_applications(actor: Actor) -> QuerySet[Application]:
    """Return the applications of the actor's firm and those to its institution; competitors never meet."""
    if actor.system:
        return Application.objects.all()
    if not actor.organisation_id:
        return Application.objects.none()
    return Application.objects.filter(
        Q(organisation_id=actor.organisation_id) | Q(institution_id=actor.organisation_id)
    )


def visible_offers(actor: Actor) -> QuerySet[Offer]:
    if actor.system:
        return Offer.objects.all()
    return Offer.objects.filter(application__in=visible_applications(actor))
