"""From the request to the moment the money is sent."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import UUIDField

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.cases.types import PartyRole, PartyView
from finmart.centres.business.funds import policies, queries, rules
from finmart.centres.business.funds.events import DisbursementReturned
from finmart.centres.business.funds.models import Disbursement, DisbursementCondition, Payee
from finmart.centres.business.funds.operations.ledger import post
from finmart.centres.business.funds.operations.queueing import queue
from finmart.centres.business.funds.operations.timeline import tell
from finmart.centres.business.funds.types import (
    AccountKey,
    AccountKind,
    BankAccount,
    ConditionView,
    DisbursementRef,
    DisbursementState,
    EntryLine,
    FundsAct,
    PayeeOrder,
    PaymentMode,
    UnableToDisburse,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.money import MOST_FEN, format_yuan
from finmart.kit.statements import Change, Given, Statement, insert, insert_unless_there

_LOCKED = Statement(lambda: Disbursement.objects.select_for_update().filter(uuid=Given("uuid", UUIDField())))
_CONDITION = Statement(
    lambda: DisbursementCondition.objects.select_related("disbursement").filter(uuid=Given("uuid", UUIDField()))
)
_FULFILLED = Change(DisbursementCondition, "fulfilled_at", "fulfilled_by", "evidence_uuid")
_CHECKED = Change(Disbursement, "state", "checked_at", "checked_by")
_SENT = Change(Disbursement, "state", "sent_at")


def open_disbursement(
    actor: Actor,
    *,
    case_uuid: UUID,
    contract_uuid: UUID,
    amount_fen: int,
    conditions: Sequence[str],
    payees: Sequence[PayeeOrder],
    payment_mode: PaymentMode,
    drawing: int = 1,
) -> DisbursementRef:
    """Prepare one drawing under a contract of a case: what must hold first, and who is to be paid how much.

    Lender and borrower are the case's parties. SELF pays the borrower alone, ENTRUSTED never the borrower. Raises
    AccessDenied, UnableToDisburse, and Conflict where this drawing is under way or paid already.
    """
    transactions.require()
    lender, borrower = parties_of_loan(actor, case_uuid)
    if lender.organisation_id is None or not policies.can_open(actor, lender.organisation_id):
        raise AccessDenied("您无权发起该笔放款")
    if not 0 < amount_fen <= MOST_FEN:
        raise UnableToDisburse("放款金额应大于零", field="amount")
    texts = rules.clean_conditions(conditions)
    rules.checked_payees(payees, amount_fen=amount_fen, mode=payment_mode, borrower_name=borrower.name)
    row = Disbursement(
        case_uuid=case_uuid, contract_uuid=contract_uuid, drawing=drawing, lender_id=lender.organisation_id,
        borrower_id=borrower.organisation_id, borrower_person_id=borrower.person_id, amount_fen=amount_fen,
        payment_mode=payment_mode, requested_at=clock.now(), requested_by_id=actor.person_id,
    )  # fmt: skip
    if not insert_unless_there(row):
        raise Conflict("该合同项下的这笔提款已在办理或已放款")
    insert(DisbursementCondition(disbursement=row, text=text) for text in texts)
    insert(
        Payee(disbursement=row, name=payee.account.name.strip(), account_number=payee.account.account_number,
              bank_name=payee.account.bank_name.strip(), amount_fen=payee.amount_fen)
        for payee in payees
    )  # fmt: skip
    audit_operations.record(
        actor, FundsAct.DISBURSEMENT_OPEN, f"disbursement:{row.uuid}", case=str(case_uuid), fen=amount_fen,
        mode=str(payment_mode), conditions=texts, payees=len(payees),
    )  # fmt: skip
    tell(actor, row.case_uuid, f"发起放款 {format_yuan(amount_fen)} 元，放款条件 {len(texts)} 条")
    return queries.disbursement_ref(row)


def fulfil_condition(actor: Actor, condition_uuid: UUID, *, evidence_uuid: UUID | None = None) -> ConditionView:
    """Say that a condition holds, with the document that shows it. Raises Conflict where somebody already did."""
    transactions.require()
    found = _CONDITION.first(uuid=condition_uuid)
    if found is None or not policies.can_know(actor, found.disbursement):
        raise NotFound("没有找到该放款条件")
    disbursement = locked(actor, found.disbursement.uuid)
    condition = next(one for one in queries.conditions_of(disbursement) if one.uuid == condition_uuid)
    if condition.fulfilled_at is not None:
        raise Conflict("该条件已落实")
    _fulfil(actor, disbursement, condition, evidence_uuid)
    return queries.condition_view(condition)


def fulfil_conditions(actor: Actor, disbursement_uuid: UUID, texts: Collection[str]) -> None:
    """Say that the conditions of these words hold; those that are fulfilled already stay as they are."""
    transactions.require()
    disbursement = locked(actor, disbursement_uuid)
    for condition in queries.conditions_of(disbursement):
        if condition.text in texts and condition.fulfilled_at is None:
            _fulfil(actor, disbursement, condition, None)


def _fulfil(
    actor: Actor, disbursement: Disbursement, condition: DisbursementCondition, evidence_uuid: UUID | None
) -> None:
    if not policies.can_fulfil(actor, disbursement):
        raise _denial(disbursement, DisbursementState.REQUESTED, "您无权确认放款条件")
    condition.fulfilled_at = clock.now()
    condition.fulfilled_by_id = actor.person_id
    condition.evidence_uuid = evidence_uuid
    _FULFILLED.write(condition)
    audit_operations.record(
        actor, FundsAct.CONDITION_FULFIL, f"disbursement:{disbursement.uuid}", condition=condition.text,
        evidence=str(evidence_uuid or ""),
    )  # fmt: skip


def check_disbursement(actor: Actor, disbursement_uuid: UUID) -> DisbursementRef:
    """Pass the check before payment. Raises UnableToDisburse naming every condition that is still open."""
    transactions.require()
    row = locked(actor, disbursement_uuid)
    if not policies.can_check(actor, row):
        raise _denial(row, DisbursementState.REQUESTED, "您无权审核该笔放款；发起人不能审核自己发起的放款")
    _require_conditions(row)
    row.state = DisbursementState.CHECKED
    row.checked_at = clock.now()
    row.checked_by_id = actor.person_id
    _CHECKED.write(row)
    audit_operations.record(actor, FundsAct.DISBURSEMENT_CHECK, f"disbursement:{row.uuid}")
    tell(actor, row.case_uuid, "放款审核通过")
    return queries.disbursement_ref(row)


def pay(actor: Actor, disbursement_uuid: UUID) -> DisbursementRef:
    """Send the money to the listed payees: queues the job that asks the bank core, in this transaction.

    Nothing is posted before the bank core confirms. Raises UnableToDisburse where a condition is open, Conflict where
    it was sent before.
    """
    transactions.require()
    row = locked(actor, disbursement_uuid)
    if not policies.can_pay(actor, row):
        raise _denial(row, DisbursementState.CHECKED, "您无权支付该笔放款")
    _require_conditions(row)
    listed = [PayeeOrder(_account(payee), payee.amount_fen) for payee in queries.payees_of(row)]
    _, borrower = parties_of_loan(actor, row.case_uuid)
    rules.checked_payees(
        listed, amount_fen=row.amount_fen, mode=PaymentMode(row.payment_mode), borrower_name=borrower.name
    )
    row.state = DisbursementState.SENT
    row.sent_at = clock.now()
    _SENT.write(row)
    queue(f"{queries.DISBURSEMENT}:{row.uuid}")
    audit_operations.record(actor, FundsAct.DISBURSEMENT_PAY, f"disbursement:{row.uuid}", fen=row.amount_fen)
    return queries.disbursement_ref(row)


def record_return(actor: Actor, disbursement_uuid: UUID, *, reason: str) -> DisbursementRef:
    """Record that paid money came back whole, and reverse its posting.

    Raises UnableToPost where part of it has been repaid already: that is a repayment, not a return.
    """
    transactions.require()
    row = locked(actor, disbursement_uuid)
    if not policies.can_settle(actor):
        raise AccessDenied("退回只能依据银行核心系统的回报登记")
    if row.state != DisbursementState.PAID:
        raise Conflict("只有已放款的款项可以登记退回")
    post(
        actor, case_uuid=row.case_uuid, memo="放款退回",
        lines=[
            EntryLine(AccountKey(AccountKind.LENDER_FUNDS, row.lender_id), debit_fen=row.amount_fen),
            EntryLine(AccountKey(AccountKind.LOAN_PRINCIPAL, row.lender_id, row.case_uuid), credit_fen=row.amount_fen),
        ],
        idempotency_key=f"return:{row.uuid}", payment_key=f"return:{row.uuid}",
    )  # fmt: skip
    row.state = DisbursementState.RETURNED
    row.failure_reason = reason[:300]
    row.save(update_fields=["state", "failure_reason"])
    audit_operations.record(actor, FundsAct.DISBURSEMENT_RETURN, f"disbursement:{row.uuid}", reason=reason)
    tell(actor, row.case_uuid, f"放款 {format_yuan(row.amount_fen)} 元被退回：{row.failure_reason}")
    events.publish(DisbursementReturned(row.uuid, row.case_uuid, row.contract_uuid, row.failure_reason))
    return queries.disbursement_ref(row)


def parties_of_loan(actor: Actor, case_uuid: UUID) -> tuple[PartyView, PartyView]:
    """Return lender and borrower of a case. Raises NotFound for strangers, UnableToDisburse where one is missing."""
    parties = cases_queries.active_parties_for(actor, case_uuid)
    lenders = [party for party in parties if party.role == PartyRole.LENDER]
    borrowers = [party for party in parties if party.role == PartyRole.BORROWER]
    own = [party for party in lenders if party.is_own]
    if len(borrowers) != 1 or not (own or len(lenders) == 1):
        raise UnableToDisburse("案件中没有唯一的贷款人和借款人")
    return (own or lenders)[0], borrowers[0]


def locked(actor: Actor, uuid: UUID) -> Disbursement:
    """Return a disbursement under its row lock, the same object throughout a transaction. Raises NotFound.

    What is true of it stays true until the transaction ends, so its conditions and payees are read once.
    """
    row = transactions.remembered(("funds:disbursement:locked", uuid), lambda: _lock(uuid))
    if not policies.can_know(actor, row):
        raise NotFound("没有找到该笔放款")
    return row


def _lock(uuid: UUID) -> Disbursement:
    row = _LOCKED.first(uuid=uuid)
    if row is None:
        raise NotFound("没有找到该笔放款")
    queries.keep(row)
    return row


def _require_conditions(row: Disbursement) -> None:
    open_texts = [condition.text for condition in queries.conditions_of(row) if condition.fulfilled_at is None]
    if open_texts:
        raise UnableToDisburse(
            f"尚有 {len(open_texts)} 条放款条件未落实：{'；'.join(open_texts)}",
            field="conditions",
            remedy="请逐条落实并上传证明材料后再审核",
        )


def _denial(row: Disbursement, needed: DisbursementState, message: str) -> AccessDenied | Conflict:
    """Tell the late from the unauthorised: the answer to the late one is that somebody was faster."""
    if row.state != needed:
        return Conflict(f"该笔放款当前为“{DisbursementState(row.state).label}”，不能办理此操作")
    return AccessDenied(message)


def _account(payee: Payee) -> BankAccount:
    return BankAccount(payee.account_number, payee.name, payee.bank_name)
