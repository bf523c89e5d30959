"""The borrower repays from its own account: asked for here, drawn by the bank core, applied when it has arrived."""

from uuid import UUID

from django.db.models import BigIntegerField, CharField, UUIDField

from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import BankAccount, CollectionRef, CollectionState
from finmart.centres.business.servicing import policies, queries
from finmart.centres.business.servicing.models import InstalmentRow, LoanAccount, RepaymentRequest
from finmart.centres.business.servicing.operations.loans import locked_loan
from finmart.centres.business.servicing.operations.repayments import (
    checked_key,
    found,
    pay_all,
    pay_due,
    require_amount,
    require_live,
    require_nothing_due,
    require_payoff,
    write,
)
from finmart.centres.business.servicing.types import RepaymentKind, ServicingAct, Split, UnableToRepay
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, finance, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.finance import PrepaymentMode
from finmart.kit.statements import Given, Statement

_REQUEST = Statement(
    lambda: RepaymentRequest.objects.filter(
        loan=Given("loan", BigIntegerField()), idempotency_key=Given("key", CharField())
    )
)
_WITH_LOAN = Statement(
    lambda: (
        RepaymentRequest.objects.select_related("loan")
        .select_for_update(of=("loan",))
        .filter(collection_uuid=Given("collection", UUIDField()))
    )
)


def request_repayment(
    actor: Actor,
    loan_uuid: UUID,
    *,
    kind: RepaymentKind,
    amount_fen: int,
    payer: BankAccount,
    idempotency_key: str,
    mode: PrepaymentMode = PrepaymentMode.LOWER,
) -> CollectionRef:
    """Have a repayment drawn from the borrower's own account.

    ``amount_fen`` is what is to be repaid (REPAYMENT), the principal (PREPAYMENT; interest to today is drawn with it)
    or today's payoff quote (SETTLEMENT). Raises NotFound, AccessDenied, UnableToRepay, and Conflict while an earlier
    one is still under way.
    """
    transactions.require()
    loan = locked_loan(actor, loan_uuid)
    if not policies.can_request(actor, loan):
        raise AccessDenied("只有借款人可以从其账户还款")
    earlier = _REQUEST.first(loan=loan.pk, key=checked_key(idempotency_key))
    if earlier is not None:
        return funds_queries.collection_for(actor, earlier.collection_uuid)
    require_live(loan)
    waiting = funds_queries.collections_for(actor, loan.case_uuid)
    if any(collection.state == CollectionState.SENT for collection in waiting):
        raise Conflict("上一笔扣款仍在处理中，请稍后再试")
    drawn_fen = _drawn(loan, kind, amount_fen)
    collection = funds_operations.collect(
        actor, case_uuid=loan.case_uuid, amount_fen=drawn_fen, payer=payer,
        idempotency_key=f"loan:{loan.uuid}:{idempotency_key}",
    )  # fmt: skip
    RepaymentRequest.objects.create(
        loan=loan, collection_uuid=collection.uuid, kind=kind, prepayment_mode=mode, idempotency_key=idempotency_key
    )
    audit_operations.record(
        actor, ServicingAct.LOAN_REQUEST_REPAYMENT, f"loan:{loan.uuid}", kind=str(kind), fen=drawn_fen
    )
    return collection


def apply_collection(actor: Actor, collection_uuid: UUID, amount_fen: int) -> None:
    """Apply money the bank core has drawn to the loan it was asked for; once, however often it is told.

    Days may have passed since the request: what nothing is owed for any more is kept as unallocated. A collection that
    nobody asked servicing for is not ours; the reconciliation of the lender shows it.
    """
    transactions.require()
    if not policies.can_mark(actor):
        raise AccessDenied("扣款结果只能由系统登记")
    request = _WITH_LOAN.first(collection=collection_uuid)
    if request is None:
        return
    loan = request.loan
    queries.keep(loan)
    key = f"collection:{collection_uuid}"
    if found(loan, key) is not None:
        return
    rows, kind = queries.live_rows(loan), RepaymentKind(request.kind)
    split = _applied(loan, rows, kind, amount_fen, PrepaymentMode(request.prepayment_mode))
    write(actor, loan, rows, kind, split, key, payment_key=key)


def _drawn(loan: LoanAccount, kind: RepaymentKind, amount_fen: int) -> int:
    """Return what is to be drawn, after the same checks as when money is recorded by the lender."""
    require_amount(amount_fen)
    rows, today = queries.live_rows(loan), clock.today()
    if kind is RepaymentKind.SETTLEMENT:
        require_payoff(loan, rows, amount_fen, today)
        return amount_fen
    if kind is RepaymentKind.PREPAYMENT:
        require_nothing_due(rows, today)
        standing = queries.standing(rows, today)
        if standing is None or amount_fen > standing.balance_fen:
            raise UnableToRepay("提前归还的本金不能超过剩余本金", field="amount")
        interest_fen = finance.interest_to(queries.kit_terms(loan), standing, max(today, standing.settled_to))
        return amount_fen + interest_fen
    if pay_due(loan, rows, amount_fen, today, early=True).unallocated_fen:
        raise UnableToRepay("金额超过本期应还", field="amount", remedy="多还部分请办理提前还款或结清")
    return amount_fen


def _applied(
    loan: LoanAccount, rows: list[InstalmentRow], kind: RepaymentKind, amount_fen: int, mode: PrepaymentMode
) -> Split:
    if not policies.is_live(loan):
        return Split(unallocated_fen=amount_fen)
    if kind is RepaymentKind.REPAYMENT:
        return pay_due(loan, rows, amount_fen, clock.today(), early=True)
    return pay_all(loan, rows, amount_fen, mode, clock.today())
