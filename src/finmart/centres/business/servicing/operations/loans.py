"""The beginning of a loan, its overdue instalments, and its undoing where the money came back."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import UUIDField

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import DisbursementState
from finmart.centres.business.servicing import policies, queries, rules
from finmart.centres.business.servicing.events import InstalmentOverdue, LoanStarted
from finmart.centres.business.servicing.models import FeeLine, InstalmentRow, LoanAccount
from finmart.centres.business.servicing.operations.timeline import tell
from finmart.centres.business.servicing.types import (
    LoanFee,
    LoanRef,
    LoanState,
    LoanTerms,
    ServicingAct,
    UnableToStartLoan,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.finance import Instalment, plan
from finmart.kit.money import format_yuan
from finmart.kit.statements import Given, Statement, insert

NUMBER_SERIES = "DK"  # a default of ours
_OF_DISBURSEMENT = Statement(lambda: LoanAccount.objects.filter(disbursement_uuid=Given("disbursement", UUIDField())))
_LOAN = Statement(lambda: LoanAccount.objects.select_for_update().filter(uuid=Given("uuid", UUIDField())))


def start_loan(actor: Actor, *, disbursement_uuid: UUID, terms: LoanTerms, fees: Sequence[LoanFee] = ()) -> LoanRef:
    """Bring the loan of a paid disbursement to life, from the day it was paid; asked again, return the same loan.

    Amount, lender, borrower, case and contract are the disbursement's. Raises NotFound, AccessDenied, UnableToStartLoan
    where the money has not been paid, Refusal for absurd terms.
    """
    transactions.require()
    paid = funds_queries.disbursement_for(actor, disbursement_uuid)
    if not policies.can_start(actor, paid.lender_id):
        raise AccessDenied("您无权建立该笔贷款")
    if paid.ref.state != DisbursementState.PAID or paid.settled_at is None:
        raise UnableToStartLoan("款项尚未放出，不能建立贷款账户")
    existing = _OF_DISBURSEMENT.first(disbursement=disbursement_uuid)
    if existing is not None:
        return queries.loan_ref(existing)
    number = cases_operations.take_number(NUMBER_SERIES)
    # taking a number waited for whoever else was starting a loan
    faster = _OF_DISBURSEMENT.first(disbursement=disbursement_uuid)
    if faster is not None:
        return queries.loan_ref(faster)
    started_on = paid.settled_at.astimezone(clock.CITY_ZONE).date()
    lines = plan(rules.terms_of(paid.ref.amount_fen, started_on, terms))
    loan = LoanAccount(
        number=number, case_uuid=paid.ref.case_uuid,
        contract_uuid=paid.ref.contract_uuid, disbursement_uuid=disbursement_uuid, lender_id=paid.lender_id,
        borrower_id=paid.borrower_id, borrower_person_id=paid.borrower_person_id, principal_fen=paid.ref.amount_fen,
        annual_rate=terms.annual_rate, penalty_uplift=terms.penalty_uplift, method=terms.method,
        day_count=terms.day_count, started_on=started_on, term_months=terms.term_months, due_day=terms.due_day,
        started_at=clock.now(),
    )  # fmt: skip
    insert([loan])
    write_lines(loan, lines)
    insert(FeeLine(loan=loan, name=fee.name, amount_fen=fee.amount_fen, paid_on=fee.on) for fee in fees)
    audit_operations.record(
        actor, ServicingAct.LOAN_START, f"loan:{loan.uuid}", number=loan.number, fen=loan.principal_fen,
        rate=str(terms.annual_rate), method=str(terms.method), months=terms.term_months,
    )  # fmt: skip
    text = f"贷款 {loan.number} 起息，本金 {format_yuan(loan.principal_fen)} 元，共 {len(lines)} 期"
    tell(actor, loan.case_uuid, text)
    events.publish(LoanStarted(loan.uuid, loan.case_uuid, loan.contract_uuid))
    return queries.loan_ref(loan)


def mark_overdue(actor: Actor, loan_uuid: UUID) -> int:
    """Mark the instalments of a loan that were not paid on their day; return how many were new. For the daily job."""
    transactions.require()
    if not policies.can_mark(actor):
        raise AccessDenied("逾期由系统认定")
    loan = locked_loan(actor, loan_uuid)
    today = clock.today()
    fresh = [r for r in queries.live_rows(loan) if r.paid_at is None and r.due_on < today and r.overdue_at is None]
    if not fresh or not policies.is_live(loan):
        return 0
    loan.state = LoanState.OVERDUE
    loan.save(update_fields=["state"])
    for row in fresh:
        row.overdue_at = clock.now()
        row.save(update_fields=["overdue_at"])
        _tell_overdue(actor, loan, row, today)
    return len(fresh)


def cancel_returned(actor: Actor, disbursement_uuid: UUID, *, reason: str) -> None:
    """Undo the loan of a disbursement that came back whole; where there is no loan yet, nothing happens."""
    transactions.require()
    if not policies.can_mark(actor):
        raise AccessDenied("贷款撤销依据资金退回由系统办理")
    loan = LoanAccount.objects.select_for_update().filter(disbursement_uuid=disbursement_uuid).first()
    if loan is None or not policies.is_live(loan):
        return
    queries.keep(loan)
    loan.state = LoanState.CANCELLED
    loan.ended_at = clock.now()
    loan.save(update_fields=["state", "ended_at"])
    loan.instalments.filter(replaced_at=None).update(replaced_at=clock.now())
    audit_operations.record(actor, ServicingAct.LOAN_CANCEL, f"loan:{loan.uuid}", reason=reason)


def write_lines(loan: LoanAccount, lines: Iterable[Instalment]) -> list[InstalmentRow]:
    """Write the lines of a schedule and return them; one of nothing at all counts as paid. For this centre only."""
    now = clock.now()
    return insert(
        InstalmentRow(
            loan=loan, number=line.number, from_on=line.from_on, due_on=line.due_on, penalty_to=line.due_on,
            principal_fen=line.principal_fen, interest_fen=line.interest_fen, paid_at=None if line.total_fen else now,
        )
        for line in lines
    )  # fmt: skip


def locked_loan(actor: Actor, loan_uuid: UUID) -> LoanAccount:
    """Return a loan under its row lock. Raises NotFound for strangers. For this centre only."""
    loan = _LOAN.first(uuid=loan_uuid)
    if loan is None or not policies.can_know(actor, loan):
        raise NotFound("没有找到该笔贷款")
    queries.keep(loan)
    return loan


def _tell_overdue(actor: Actor, loan: LoanAccount, row: InstalmentRow, today: date) -> None:
    unpaid_fen = queries.owed(loan, row, today).total_fen
    audit_operations.record(
        actor, ServicingAct.INSTALMENT_MARK_OVERDUE, f"loan:{loan.uuid}", number=row.number, fen=unpaid_fen
    )
    text = f"第 {row.number} 期（{row.due_on} 到期）逾期，未还 {format_yuan(unpaid_fen)} 元"
    tell(actor, loan.case_uuid, text)
    events.publish(InstalmentOverdue(loan.uuid, loan.case_uuid, row.number, row.due_on, unpaid_fen))
