"""Money that came in: what it pays, once per key, in the ledger at the same moment."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import BigIntegerField, CharField

from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.servicing import policies, queries, rules
from finmart.centres.business.servicing.events import LoanSettled
from finmart.centres.business.servicing.models import InstalmentRow, LoanAccount, Repayment
from finmart.centres.business.servicing.operations.loans import locked_loan, write_lines
from finmart.centres.business.servicing.operations.timeline import tell
from finmart.centres.business.servicing.types import (
    LoanState,
    RepaymentKind,
    RepaymentOutcome,
    ServicingAct,
    Split,
    UnableToRepay,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, finance, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, Refusal
from finmart.kit.finance import PrepaymentMode
from finmart.kit.money import MOST_FEN, format_yuan
from finmart.kit.statements import Change, Given, Statement

_REPAYMENT = Statement(
    lambda: Repayment.objects.filter(loan=Given("loan", BigIntegerField()), idempotency_key=Given("key", CharField()))
)
_PAID = Change(
    InstalmentRow,
    "penalty_fen", "penalty_to", "principal_paid_fen", "interest_paid_fen", "penalty_paid_fen", "paid_at",
)  # fmt: skip
_CARRIED = Change(LoanAccount, "principal_paid_fen", "state", "ended_at")
_REPLACE = "UPDATE servicing_instalmentrow SET replaced_at = %s WHERE id = ANY(%s)"

_ACTS = {
    RepaymentKind.PREPAYMENT: ServicingAct.LOAN_PREPAY,
    RepaymentKind.REPAYMENT: ServicingAct.LOAN_REPAY,
    RepaymentKind.SETTLEMENT: ServicingAct.LOAN_SETTLE,
}


def repay(actor: Actor, loan_uuid: UUID, *, amount_fen: int, idempotency_key: str) -> RepaymentOutcome:
    """Record that money came in for what is due: penalty interest, then interest, then principal, oldest first.

    What is left may pay the next instalment whole, up to 10 days early (defaults of ours). The same key again returns
    the first outcome. Raises NotFound, AccessDenied, Conflict, UnableToRepay where more came than can be paid so.
    """
    loan, earlier = _begin(actor, loan_uuid, idempotency_key, RepaymentKind.REPAYMENT)
    if earlier is not None:
        return _again(loan, earlier, earlier.amount_fen == amount_fen)
    require_amount(amount_fen)
    rows, today = queries.live_rows(loan), clock.today()
    split = pay_due(loan, rows, amount_fen, today, early=True)
    if split.unallocated_fen:
        raise UnableToRepay(
            f"金额超过本期应还，多出 {format_yuan(split.unallocated_fen)} 元",
            field="amount",
            remedy="多还部分请办理提前还款或结清",
        )
    return write(actor, loan, rows, RepaymentKind.REPAYMENT, split, idempotency_key)


def prepay(
    actor: Actor,
    loan_uuid: UUID,
    *,
    principal_fen: int,
    idempotency_key: str,
    mode: PrepaymentMode = PrepaymentMode.LOWER,
) -> RepaymentOutcome:
    """Record that principal was paid before its day, with the interest of the whole balance to that day.

    The schedule that is left is lighter or shorter. What is due must be paid first. Raises as :func:`repay`.
    """
    loan, earlier = _begin(actor, loan_uuid, idempotency_key, RepaymentKind.PREPAYMENT)
    if earlier is not None:
        return _again(loan, earlier, earlier.principal_fen == principal_fen)
    require_amount(principal_fen)
    rows, today = queries.live_rows(loan), clock.today()
    require_nothing_due(rows, today)
    split = pay_early(loan, rows, principal_fen, mode, today)
    return write(actor, loan, rows, RepaymentKind.PREPAYMENT, split, idempotency_key)


def settle(actor: Actor, loan_uuid: UUID, *, amount_fen: int, idempotency_key: str) -> RepaymentOutcome:
    """Record that all that is owed came in; ``amount_fen`` is the total of today's payoff quote, else UnableToRepay."""
    loan, earlier = _begin(actor, loan_uuid, idempotency_key, RepaymentKind.SETTLEMENT)
    if earlier is not None:
        return _again(loan, earlier, earlier.amount_fen == amount_fen)
    rows, today = queries.live_rows(loan), clock.today()
    require_payoff(loan, rows, amount_fen, today)
    split = pay_all(loan, rows, amount_fen, PrepaymentMode.LOWER, today)
    return write(actor, loan, rows, RepaymentKind.SETTLEMENT, split, idempotency_key)


def pay_due(loan: LoanAccount, rows: list[InstalmentRow], amount_fen: int, on: date, *, early: bool) -> Split:
    """Spend an amount on what is due, in memory; with ``early`` also on the next instalment if it pays it whole."""
    due = [row for row in rows if row.due_on <= on and row.paid_at is None]
    for row in due:
        row.penalty_fen += queries.penalty_since(loan, row, on)
        row.penalty_to = max(row.penalty_to, on)
    paid, left_fen = rules.allocate(amount_fen, [queries.owed(loan, row, on) for row in due])
    split = Split()
    for row in due:
        split += _applied(row, paid[row.number])
    coming = next((row for row in rows if row.due_on > on and row.paid_at is None), None)
    if early and coming is not None and coming.due_on - on <= timedelta(days=rules.EARLY_DAYS):
        whole = Split(interest_fen=coming.interest_fen, principal_fen=coming.principal_fen)
        if left_fen >= whole.total_fen:
            split += _applied(coming, whole)
            left_fen -= whole.total_fen
    return split + Split(unallocated_fen=left_fen)


def pay_early(
    loan: LoanAccount, rows: list[InstalmentRow], principal_fen: int, mode: PrepaymentMode, on: date
) -> Split:
    """Prepay principal and write the schedule that is left, in ``rows`` too.

    Where the next instalment was paid early, from its day on.
    """
    standing = queries.standing(rows, on)
    if standing is None:
        raise UnableToRepay("没有未到期的本金，无需提前还款", field="amount")
    after = finance.prepay(queries.kit_terms(loan), standing, max(on, standing.settled_to), principal_fen, mode)
    replaced = [row for row in rows if row.due_on > on and row.paid_at is None]
    sql.changed(_REPLACE, [clock.now(), [row.pk for row in replaced]])
    written = write_lines(loan, rules.renumbered(after.instalments, replaced[0].number))
    rows[:] = [row for row in rows if row not in replaced] + written
    return Split(interest_fen=after.interest_fen, principal_fen=after.principal_fen)


def pay_all(loan: LoanAccount, rows: list[InstalmentRow], amount_fen: int, mode: PrepaymentMode, on: date) -> Split:
    """Spend an amount on what is due and then on principal that is not; what nothing is owed for is unallocated."""
    split = pay_due(loan, rows, amount_fen, on, early=False)
    left_fen = split.unallocated_fen
    standing = queries.standing(rows, on)
    if not left_fen or standing is None:
        return split
    interest_fen = finance.interest_to(queries.kit_terms(loan), standing, max(on, standing.settled_to))
    principal_fen = min(left_fen - interest_fen, standing.balance_fen)
    if principal_fen <= 0:
        return split
    early = pay_early(loan, rows, principal_fen, mode, on)
    return split + early + Split(unallocated_fen=-early.total_fen)


def write(
    actor: Actor,
    loan: LoanAccount,
    rows: list[InstalmentRow],
    kind: RepaymentKind,
    split: Split,
    key: str,
    *,
    payment_key: str = "",
) -> RepaymentOutcome:
    """Write down what an amount paid: instalments, loan, ledger, trail, timeline. For this centre only."""
    for row in rows:
        if row.is_touched:
            _PAID.write(row)
    _carry_forward(loan, rows, split)
    posting = funds_operations.record_repayment(
        actor, case_uuid=loan.case_uuid, lender_id=loan.lender_id, principal_fen=split.principal_fen,
        interest_fen=split.interest_fen, penalty_fen=split.penalty_fen, unallocated_fen=split.unallocated_fen,
        idempotency_key=f"loan:{loan.uuid}:{key}", payment_key=payment_key,
    )  # fmt: skip
    repayment = Repayment.objects.create(
        loan=loan, at=clock.now(), kind=kind, amount_fen=split.total_fen, penalty_fen=split.penalty_fen,
        interest_fen=split.interest_fen, principal_fen=split.principal_fen, unallocated_fen=split.unallocated_fen,
        idempotency_key=key, posting_uuid=posting.uuid,
    )  # fmt: skip
    audit_operations.record(
        actor, _ACTS[kind], f"loan:{loan.uuid}", fen=split.total_fen, principal=split.principal_fen,
        interest=split.interest_fen, penalty=split.penalty_fen, key=key,
    )  # fmt: skip
    tell(actor, loan.case_uuid, _told(kind, split))
    if loan.state == LoanState.SETTLED:
        tell(actor, loan.case_uuid, f"贷款 {loan.number} 已结清")
        events.publish(LoanSettled(loan.uuid, loan.case_uuid, loan.contract_uuid))
    return RepaymentOutcome(queries.repayment_view(repayment), queries.loan_ref(loan), is_new=True)


def found(loan: LoanAccount, key: str) -> Repayment | None:
    """Return the repayment of a loan that was made with a key. For this centre only."""
    return _REPAYMENT.first(loan=loan.pk, key=key)


def require_amount(amount_fen: int) -> None:
    if not 0 < amount_fen <= MOST_FEN:
        raise UnableToRepay("还款金额应大于零", field="amount")


def require_nothing_due(rows: list[InstalmentRow], on: date) -> None:
    if any(row.due_on <= on and row.paid_at is None for row in rows):
        raise UnableToRepay("有已到期的应还款项", field="amount", remedy="请先归还到期款项，再办理提前还款")


def require_payoff(loan: LoanAccount, rows: list[InstalmentRow], amount_fen: int, on: date) -> None:
    quoted_fen = queries.payoff(loan, rows, on).total_fen
    if amount_fen != quoted_fen:
        raise UnableToRepay(f"今日结清金额为 {format_yuan(quoted_fen)} 元", field="amount", remedy="请按该金额结清")


def require_live(loan: LoanAccount) -> None:
    if not policies.is_live(loan):
        raise UnableToRepay(f"该笔贷款{LoanState(loan.state).label}，不能还款")


def checked_key(key: str) -> str:
    """Return the key. Raises Refusal for one that is empty or longer than 70 characters."""
    if not 0 < len(key) <= 70:
        raise Refusal("业务流水号应为 1 至 70 个字符", field="idempotency_key")
    return key


def _begin(actor: Actor, loan_uuid: UUID, key: str, kind: RepaymentKind) -> tuple[LoanAccount, Repayment | None]:
    transactions.require()
    checked_key(key)
    loan = locked_loan(actor, loan_uuid)
    if not policies.can_record(actor, loan):
        raise AccessDenied("只有贷款机构可以登记还款", remedy="借款人请从本企业账户发起还款")
    earlier = found(loan, key)
    if earlier is None:
        require_live(loan)
    elif earlier.kind != kind:
        raise Conflict("同一业务流水号已用于另一笔还款")
    return loan, earlier


def _again(loan: LoanAccount, earlier: Repayment, is_same: bool) -> RepaymentOutcome:  # noqa: FBT001 - a finding, not a switch
    if not is_same:
        raise Conflict("同一业务流水号已用于另一笔还款")
    return RepaymentOutcome(queries.repayment_view(earlier), queries.loan_ref(loan), is_new=False)


def _applied(row: InstalmentRow, paid: Split) -> Split:
    row.is_touched = True
    row.penalty_paid_fen += paid.penalty_fen
    row.interest_paid_fen += paid.interest_fen
    row.principal_paid_fen += paid.principal_fen
    if (row.penalty_paid_fen, row.interest_paid_fen, row.principal_paid_fen) == (
        row.penalty_fen,
        row.interest_fen,
        row.principal_fen,
    ):
        row.paid_at = clock.now()
    return paid


def _carry_forward(loan: LoanAccount, rows: list[InstalmentRow], split: Split) -> None:
    loan.principal_paid_fen += split.principal_fen
    unpaid = [row for row in rows if row.paid_at is None]
    if policies.is_live(loan):
        if not unpaid:
            loan.state, loan.ended_at = LoanState.SETTLED, clock.now()
        else:
            is_late = any(row.due_on < clock.today() for row in unpaid)
            loan.state = LoanState.OVERDUE if is_late else LoanState.IN_FORCE
    _CARRIED.write(loan)


def _told(kind: RepaymentKind, split: Split) -> str:
    parts = {
        "罚息": split.penalty_fen, "利息": split.interest_fen, "本金": split.principal_fen,
        "待处理": split.unallocated_fen,
    }  # fmt: skip
    shown = "，".join(f"{name} {format_yuan(fen)} 元" for name, fen in parts.items() if fen)
    return f"{kind.label} {format_yuan(split.total_fen)} 元（{shown}）"
