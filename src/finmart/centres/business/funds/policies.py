"""Who may do what with money. A lender's staff acts for the lender only; a borrower sees and pays its own."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from finmart.centres.business.funds.models import Collection, Disbursement, Payment
from finmart.centres.business.funds.types import CollectionState, DisbursementState
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor

M = TypeVar("M", bound=Model)


def is_operator(actor: Actor) -> bool:
    """Is the actor staff of the platform's operator? It reads, it never moves money."""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def can_know_all(actor: Actor) -> bool:
    return bool(actor.system) or is_operator(actor)


def visible(actor: Actor, rows: QuerySet[M]) -> QuerySet[M]:
    """Narrow disbursements or collections to those whose lender or borrower the actor acts for."""
    if can_know_all(actor):
        return rows
    own: Any = Q(pk__in=[])
    if actor.organisation_id is not None:
        own |= Q(lender_id=actor.organisation_id) | Q(borrower_id=actor.organisation_id)
    if actor.person_id is not None:
        own |= Q(borrower_person_id=actor.person_id)
    return rows.filter(own)


def can_know(actor: Actor, payment: Payment) -> bool:
    """May the actor know of this payment? What :func:`visible` asks of the database."""
    return (
        can_know_all(actor)
        or (actor.organisation_id is not None and actor.organisation_id in {payment.lender_id, payment.borrower_id})
        or (actor.person_id is not None and actor.person_id == payment.borrower_person_id)
    )


def _is_lender_staff(actor: Actor, lender_id: int, *roles: Role) -> bool:
    return actor.organisation_id == lender_id and actor.has_role(*roles)


def can_open(actor: Actor, lender_id: int) -> bool:
    """May the actor prepare a disbursement for this lender? Its account managers and disbursement officers."""
    return bool(actor.system) or _is_lender_staff(
        actor, lender_id, Role.INSTITUTION_ACCOUNT_MANAGER, Role.INSTITUTION_DISBURSEMENT_OFFICER
    )


def can_fulfil(actor: Actor, disbursement: Disbursement) -> bool:
    """May the actor say that a condition holds? Who may open may, until the disbursement has been checked."""
    return disbursement.state == DisbursementState.REQUESTED and can_open(actor, disbursement.lender_id)


def can_check(actor: Actor, disbursement: Disbursement) -> bool:
    """May the actor check it? A disbursement officer of the lender who did not request it."""
    return (
        disbursement.state == DisbursementState.REQUESTED
        and _is_lender_staff(actor, disbursement.lender_id, Role.INSTITUTION_DISBURSEMENT_OFFICER)
        and disbursement.requested_by_id != actor.person_id
    )


def can_pay(actor: Actor, disbursement: Disbursement) -> bool:
    """May the actor send the money? A disbursement officer of the lender, or the process after the check."""
    officer = _is_lender_staff(actor, disbursement.lender_id, Role.INSTITUTION_DISBURSEMENT_OFFICER)
    return disbursement.state == DisbursementState.CHECKED and (officer or bool(actor.system))


def can_settle(actor: Actor) -> bool:
    """May the actor say what the bank core answered? Only the job that asked it."""
    return bool(actor.system)


def can_post(actor: Actor, owner_ids: set[int]) -> bool:
    """May the actor write into these books? The system, and the lender's staff into their own."""
    return bool(actor.system) or (
        owner_ids == {actor.organisation_id}
        and actor.has_role(Role.INSTITUTION_ACCOUNT_MANAGER, Role.INSTITUTION_DISBURSEMENT_OFFICER)
    )


def can_collect(actor: Actor, collection: Collection) -> bool:
    """May the actor have money drawn from the borrower's account? Only the borrower, or the system for it."""
    if actor.system:
        return True
    if collection.borrower_id is None:
        return collection.borrower_person_id == actor.person_id
    return collection.borrower_id == actor.organisation_id and actor.has_role(
        Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON
    )


def is_unsettled(state: str) -> bool:
    return state in {DisbursementState.SENT, CollectionState.SENT}
