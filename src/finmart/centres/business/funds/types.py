"""The words of funds: accounts, postings, disbursements, collections."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class FundsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    COLLECTION_FAIL = "funds:collection:fail"
    COLLECTION_REQUEST = "funds:collection:request"
    COLLECTION_SETTLE = "funds:collection:settle"
    CONDITION_FULFIL = "funds:condition:fulfil"
    DISBURSEMENT_CHECK = "funds:disbursement:check"
    DISBURSEMENT_CONFIRM = "funds:disbursement:confirm"
    DISBURSEMENT_FAIL = "funds:disbursement:fail"
    DISBURSEMENT_OPEN = "funds:disbursement:open"
    DISBURSEMENT_PAY = "funds:disbursement:pay"
    DISBURSEMENT_RETURN = "funds:disbursement:return"
    POSTING_RECORD = "funds:posting:record"
    RECONCILIATION_RECORD = "funds:reconciliation:record"


class AccountKind(Code):
    """What an account of a lender's books holds. Income is counted when it is received."""

    FEE_INCOME = "FEE_INCOME", "手续费收入"
    INTEREST_INCOME = "INTEREST_INCOME", "利息收入"
    LENDER_FUNDS = "LENDER_FUNDS", "贷款人资金"
    LOAN_PRINCIPAL = "LOAN_PRINCIPAL", "贷款本金"
    PENALTY_INCOME = "PENALTY_INCOME", "罚息收入"
    UNALLOCATED = "UNALLOCATED", "待处理款项"

    @property
    def is_debit_normal(self) -> bool:
        return self in {AccountKind.LENDER_FUNDS, AccountKind.LOAN_PRINCIPAL}


class DisbursementState(Code):
    CHECKED = "CHECKED", "审核通过"
    FAILED = "FAILED", "支付失败"
    PAID = "PAID", "已放款"
    REQUESTED = "REQUESTED", "待审核"
    RETURNED = "RETURNED", "已退回"
    SENT = "SENT", "支付中"


class CollectionState(Code):
    COLLECTED = "COLLECTED", "已到账"
    FAILED = "FAILED", "扣款失败"
    SENT = "SENT", "扣款中"


class PaymentMode(Code):
    """Who is paid: the borrower itself, or those it owes (受托支付)."""

    ENTRUSTED = "ENTRUSTED", "受托支付"
    SELF = "SELF", "自主支付"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at a bank, as the bank core needs it."""

    account_number: str
    name: str
    bank_name: str


@dataclass(frozen=True, slots=True)
class PayeeOrder:
    """One payee of a disbursement and what it is to get."""

    account: BankAccount
    amount_fen: int


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Names an account: whose books, what it holds, and the case for what is kept case by case (LOAN_PRINCIPAL)."""

    kind: AccountKind
    owner_id: int
    case_uuid: UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line to be posted: exactly one of the two amounts is above zero."""

    account: AccountKey
    debit_fen: int = 0
    credit_fen: int = 0


@dataclass(frozen=True, slots=True)
class PostingRef:
    uuid: UUID
    at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of a posting as read back."""

    kind: str
    owner_id: int
    debit_fen: int
    credit_fen: int

    @property
    def kind_label(self) -> str:
        return AccountKind(self.kind).label


@dataclass(frozen=True, slots=True)
class PostingView:
    uuid: UUID
    at: datetime
    memo: str
    entries: tuple[EntryView, ...]

    @property
    def amount_fen(self) -> int:
        return sum(entry.debit_fen for entry in self.entries)


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """The sums of one account, over one case or over everything. ``balance_fen`` counts on the account's own side."""

    kind: str
    owner_id: int
    debit_fen: int
    credit_fen: int

    @property
    def balance_fen(self) -> int:
        difference = self.debit_fen - self.credit_fen
        return difference if AccountKind(self.kind).is_debit_normal else -difference

    @property
    def kind_label(self) -> str:
        return AccountKind(self.kind).label


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Sums over all accounts; ``crooked`` names accounts whose kept balance differs from their entries."""

    lines: tuple[BalanceLine, ...]
    crooked: tuple[str, ...]

    @property
    def debit_fen(self) -> int:
        return sum(line.debit_fen for line in self.lines)

    @property
    def credit_fen(self) -> int:
        return sum(line.credit_fen for line in self.lines)

    @property
    def ok(self) -> bool:
        return self.debit_fen == self.credit_fen and not self.crooked


@dataclass(frozen=True, slots=True)
class DisbursementRef:
    uuid: UUID
    case_uuid: UUID
    contract_uuid: UUID
    amount_fen: int
    state: str

    @property
    def state_label(self) -> str:
        return DisbursementState(self.state).label


@dataclass(frozen=True, slots=True)
class ConditionView:
    uuid: UUID
    text: str
    fulfilled_at: datetime | None
    fulfilled_by: str
    evidence_uuid: UUID | None

    @property
    def is_open(self) -> bool:
        return self.fulfilled_at is None


@dataclass(frozen=True, slots=True)
class PayeeView:
    """A payee with its account number masked but for the latest four digits."""

    name: str
    account_masked: str
    bank_name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DisbursementView:
    """A disbursement for one actor; ``acts`` says what this actor may do with it now."""

    ref: DisbursementRef
    lender_id: int
    borrower_id: int | None
    borrower_person_id: int | None
    payment_mode: str
    drawing: int
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    bank_reference: str
    failure_reason: str
    conditions: tuple[ConditionView, ...]
    payees: tuple[PayeeView, ...]
    acts: frozenset[FundsAct]

    @property
    def open_conditions(self) -> tuple[ConditionView, ...]:
        return tuple(condition for condition in self.conditions if condition.is_open)

    @property
    def payment_mode_label(self) -> str:
        return PaymentMode(self.payment_mode).label


@dataclass(frozen=True, slots=True)
class CollectionRef:
    """Money drawn from the borrower's account for the lender."""

    uuid: UUID
    case_uuid: UUID
    amount_fen: int
    state: str
    requested_at: datetime
    failure_reason: str

    @property
    def state_label(self) -> str:
        return CollectionState(self.state).label


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """What the bank core is to do, once per ``key``; ``kind`` is disbursement or collection."""

    key: str
    payer_account: str
    payees: tuple[PayeeOrder, ...]
    memo: str


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """The bank core's final word. ``reason`` says in Chinese why it refused."""

    succeeded: bool
    reference: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One booking of a bank statement; ``amount_fen`` is negative where money left the lender."""

    key: str
    amount_fen: int
    booked_at: datetime


class DifferenceKind(Code):
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS", "金额不一致"
    NOT_AT_BANK = "NOT_AT_BANK", "账上有、银行无"
    NOT_IN_LEDGER = "NOT_IN_LEDGER", "银行有、账上无"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the ledger and the bank disagree about one payment."""

    key: str
    kind: DifferenceKind
    ledger_fen: int
    bank_fen: int


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """What comparing one lender's books with its bank for one city day has shown."""

    lender_id: int
    day: date
    done_at: datetime
    bookings: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        return not self.differences


class UnableToDisburse(Refusal):
    """A condition is open, a payee is missing, or the state does not allow the act."""

    code = "UNABLE_TO_DISBURSE"


class UnableToPost(Refusal):
    """The posting is not balanced, or would take more from an account than it holds."""

    code = "UNABLE_TO_POST"
