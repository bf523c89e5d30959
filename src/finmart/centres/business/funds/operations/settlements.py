"""What the bank core answered, written down once."""

from datetime import timedelta
from uuid import UUID

from django.db.models import UUIDField

from finmart.centres.business.funds import policies, queries
from finmart.centres.business.funds.events import (
    CollectionFailed,
    CollectionSettled,
    DisbursementFailed,
    DisbursementPaid,
)
from finmart.centres.business.funds.models import Collection, Disbursement
from finmart.centres.business.funds.operations.disbursements import locked
from finmart.centres.business.funds.operations.ledger import post
from finmart.centres.business.funds.operations.queueing import queue
from finmart.centres.business.funds.operations.timeline import tell
from finmart.centres.business.funds.types import (
    AccountKey,
    AccountKind,
    BankAnswer,
    CollectionState,
    DisbursementState,
    EntryLine,
    FundsAct,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.kit.money import format_yuan
from finmart.kit.statements import Change, Given, Statement

CHASE_AFTER = timedelta(minutes=5)  # a default of ours
_ANSWER = "settled_at", "bank_reference", "state", "failure_reason"
_DISBURSEMENT_ANSWER, _COLLECTION_ANSWER = Change(Disbursement, *_ANSWER), Change(Collection, *_ANSWER)
_COLLECTION = Statement(lambda: Collection.objects.select_for_update().filter(uuid=Given("uuid", UUIDField())))


def settle(actor: Actor, key: str, answer: BankAnswer) -> bool:
    """Write down the final word on a payment; return False where it had been written before.

    Success posts the ledger and publishes DisbursementPaid or CollectionSettled, a refusal posts nothing.
    """
    transactions.require()
    if not policies.can_settle(actor):
        raise AccessDenied("支付结果只能由系统登记")
    kind, _, uuid = key.partition(":")
    if kind == queries.DISBURSEMENT:
        return _settle_disbursement(actor, locked(actor, UUID(uuid)), key, answer)
    return _settle_collection(actor, _COLLECTION.one(uuid=UUID(uuid)), answer)


def chase(actor: Actor) -> int:
    """Queue again what was sent a while ago and never answered; return how many. Sending twice pays once."""
    transactions.require()
    return sum(queue(key) for key in queries.unsettled_keys(actor, sent_before=clock.now() - CHASE_AFTER))


def _settle_disbursement(actor: Actor, row: Disbursement, key: str, answer: BankAnswer) -> bool:
    if row.state != DisbursementState.SENT:
        return False
    row.settled_at = clock.now()
    row.bank_reference = answer.reference
    row.state = DisbursementState.PAID if answer.succeeded else DisbursementState.FAILED
    row.failure_reason = answer.reason[:300]
    _DISBURSEMENT_ANSWER.write(row)
    yuan = format_yuan(row.amount_fen)
    subject = f"disbursement:{row.uuid}"
    if not answer.succeeded:
        audit_operations.record(actor, FundsAct.DISBURSEMENT_FAIL, subject, reason=answer.reason)
        tell(actor, row.case_uuid, f"放款 {yuan} 元支付失败：{answer.reason}")
        events.publish(DisbursementFailed(row.uuid, row.case_uuid, row.failure_reason))
        return True
    post(
        actor, case_uuid=row.case_uuid, memo="放款",
        lines=[
            EntryLine(AccountKey(AccountKind.LOAN_PRINCIPAL, row.lender_id, row.case_uuid), debit_fen=row.amount_fen),
            *(EntryLine(AccountKey(AccountKind.LENDER_FUNDS, row.lender_id), credit_fen=payee.amount_fen)
              for payee in queries.payees_of(row)),
        ],
        idempotency_key=key, payment_key=key,
    )  # fmt: skip
    audit_operations.record(actor, FundsAct.DISBURSEMENT_CONFIRM, subject, reference=answer.reference)
    tell(actor, row.case_uuid, f"放款 {yuan} 元已到账")
    events.publish(
        DisbursementPaid(
            disbursement_uuid=row.uuid, case_uuid=row.case_uuid, contract_uuid=row.contract_uuid,
            lender_id=row.lender_id, borrower_id=row.borrower_id, borrower_person_id=row.borrower_person_id,
            amount_fen=row.amount_fen, paid_on=clock.today(),
        )
    )  # fmt: skip
    return True


def _settle_collection(actor: Actor, row: Collection, answer: BankAnswer) -> bool:
    if row.state != CollectionState.SENT:
        return False
    row.settled_at = clock.now()
    row.bank_reference = answer.reference
    row.state = CollectionState.COLLECTED if answer.succeeded else CollectionState.FAILED
    row.failure_reason = answer.reason[:300]
    _COLLECTION_ANSWER.write(row)
    subject = f"collection:{row.uuid}"
    if answer.succeeded:
        # told first: whoever answers takes the lock of its debt, and locks of debts come before those of the trail
        events.publish(CollectionSettled(row.uuid, row.case_uuid, row.amount_fen, clock.today()))
        audit_operations.record(actor, FundsAct.COLLECTION_SETTLE, subject, reference=answer.reference)
        return True
    audit_operations.record(actor, FundsAct.COLLECTION_FAIL, subject, reason=answer.reason)
    text = f"还款 {format_yuan(row.amount_fen)} 元扣款失败：{answer.reason}"
    tell(actor, row.case_uuid, text)
    events.publish(CollectionFailed(row.uuid, row.case_uuid, row.failure_reason))
    return True
