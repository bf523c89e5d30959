"""Who may do what with a loan: the lender's staff for the lender, the borrower for itself."""

from typing import Any

from django.db.models import Q, QuerySet

from finmart.centres.business.servicing.models import LoanAccount
from finmart.centres.business.servicing.types import LIVE_STATES
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit.actor import Actor


def is_operator(actor: Actor) -> bool:
    """Is the actor staff of the platform's operator? It reads loans, it never moves money."""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def visible_loans(actor: Actor) -> QuerySet[LoanAccount]:
    """Return the loans of which the actor's side is lender or borrower."""
    loans = LoanAccount.objects.select_related("lender", "borrower", "borrower_person")
    if actor.system or is_operator(actor):
        return loans
    return loans.filter(_own(actor, "lender_id") | borrowed_by(actor))


def can_know(actor: Actor, loan: LoanAccount) -> bool:
    """May the actor know of this loan? What :func:`visible_loans` asks of the database."""
    return (
        bool(actor.system)
        or is_operator(actor)
        or (actor.organisation_id is not None and actor.organisation_id in {loan.lender_id, loan.borrower_id})
        or (actor.person_id is not None and actor.person_id == loan.borrower_person_id)
    )


def borrowed_by(actor: Actor) -> Any:
    """Return the condition for loans the actor's side has borrowed."""
    person = Q(borrower_person_id=actor.person_id) if actor.person_id is not None else Q(pk__in=[])
    return _own(actor, "borrower_id") | person


def can_start(actor: Actor, lender_id: int) -> bool:
    """May the actor bring a loan to life? The process does, or the lender's staff, once the money has been paid."""
    return bool(actor.system) or _is_staff_of(actor, lender_id)


def can_mark(actor: Actor) -> bool:
    """May the actor mark instalments overdue and cancel returned loans? Only the platform itself."""
    return bool(actor.system)


def can_record(actor: Actor, loan: LoanAccount) -> bool:
    """May the actor say that money came in? The lender's staff, or the job the bank core answered."""
    return bool(actor.system) or _is_staff_of(actor, loan.lender_id)


def can_request(actor: Actor, loan: LoanAccount) -> bool:
    """May the actor have a repayment drawn from the borrower's account? Only the borrower."""
    if loan.borrower_id is None:
        return loan.borrower_person_id == actor.person_id
    return loan.borrower_id == actor.organisation_id and actor.has_role(
        Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON
    )


def can_check(actor: Actor, loan: LoanAccount) -> bool:
    """May the actor record an after-loan check? A person of the lender's staff."""
    return actor.person_id is not None and _is_staff_of(actor, loan.lender_id)


def can_read_checks(actor: Actor, loan: LoanAccount) -> bool:
    """May the actor read what the lender found? Only the lender's own people."""
    return bool(actor.system) or actor.organisation_id == loan.lender_id


def is_live(loan: LoanAccount) -> bool:
    return loan.state in LIVE_STATES


def _is_staff_of(actor: Actor, lender_id: int) -> bool:
    return actor.organisation_id == lender_id and actor.has_role(
        Role.INSTITUTION_ACCOUNT_MANAGER, Role.INSTITUTION_DISBURSEMENT_OFFICER
    )


def _own(actor: Actor, column: str) -> Any:
    return Q(**{column: actor.organisation_id}) if actor.organisation_id is not None else Q(pk__in=[])
