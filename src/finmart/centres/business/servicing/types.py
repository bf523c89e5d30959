"""The words of servicing: loans, instalments, repayments."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal
from finmart.kit.finance import AnnualCost, DayCount, RepaymentMethod


class ServicingAct(StrEnum):
    """Audit tags and permissions of this centre."""

    CHECK_RECORD = "servicing:check:record"
    INSTALMENT_MARK_OVERDUE = "servicing:instalment:mark_overdue"
    LOAN_CANCEL = "servicing:loan:cancel"
    LOAN_PREPAY = "servicing:loan:prepay"
    LOAN_REPAY = "servicing:loan:repay"
    LOAN_REQUEST_REPAYMENT = "servicing:loan:request_repayment"
    LOAN_SETTLE = "servicing:loan:settle"
    LOAN_START = "servicing:loan:start"


class LoanState(Code):
    CANCELLED = "CANCELLED", "已撤销"
    IN_FORCE = "IN_FORCE", "正常"
    OVERDUE = "OVERDUE", "逾期"
    SETTLED = "SETTLED", "已结清"


LIVE_STATES = frozenset({LoanState.IN_FORCE, LoanState.OVERDUE})


class InstalmentState(Code):
    DUE = "DUE", "今日到期"
    OVERDUE = "OVERDUE", "逾期"
    PAID = "PAID", "已还"
    PENDING = "PENDING", "未到期"


class RepaymentKind(Code):
    PREPAYMENT = "PREPAYMENT", "提前还款"
    REPAYMENT = "REPAYMENT", "按期还款"
    SETTLEMENT = "SETTLEMENT", "结清"


class CheckConclusion(Code):
    """What an after-loan check found."""

    ATTENTION = "ATTENTION", "需关注"
    NORMAL = "NORMAL", "正常"
    RISK = "RISK", "存在风险"


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What the contract says beside the amount. ``annual_rate`` 0.0435 is 4.35 % a year, nominal.

    ``penalty_uplift`` raises the rate on overdue principal: 0.5 (a default of ours) makes 4.35 % into 6.525 %.
    """

    annual_rate: Decimal
    method: RepaymentMethod
    day_count: DayCount
    term_months: int
    due_day: int = 0
    penalty_uplift: Decimal = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class LoanExposure:
    """What a lender would lose with one loan. The borrower is an organisation or a person, by id.

    ``overdue_since_on`` is the day the oldest unpaid instalment was due, None where nothing is overdue.
    """

    contract_uuid: UUID
    lender_id: int
    borrower_id: int | None
    borrower_person_id: int | None
    outstanding_fen: int
    overdue_since_on: date | None


@dataclass(frozen=True, slots=True)
class LoanFee:
    """Whatever the borrower pays beside principal and interest; below zero where it gets back (a subsidy)."""

    name: str
    amount_fen: int
    on: date


@dataclass(frozen=True, slots=True)
class LoanRef:
    """``ends_on`` is the day of the final instalment as agreed."""

    uuid: UUID
    number: str
    case_uuid: UUID
    contract_uuid: UUID
    state: str
    ends_on: date

    @property
    def state_label(self) -> str:
        return LoanState(self.state).label


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan for one actor; ``acts`` says what this actor may do with it now. ``cost`` has all fees in."""

    ref: LoanRef
    lender_name: str
    borrower_name: str
    principal_fen: int
    outstanding_fen: int
    annual_rate: Decimal
    method: str
    day_count: str
    started_on: date
    ends_on: date
    term_months: int
    next_due_on: date | None
    next_due_fen: int
    overdue_fen: int
    fees: tuple[LoanFee, ...]
    cost: AnnualCost
    acts: frozenset[ServicingAct]

    @property
    def method_label(self) -> str:
        return RepaymentMethod(self.method).label

    @property
    def repaid_share(self) -> Decimal:
        """Return the part of the principal that has been repaid, 0 to 1."""
        return 1 - Decimal(self.outstanding_fen) / self.principal_fen


@dataclass(frozen=True, slots=True)
class InstalmentView:
    """One line of the schedule as it stands today; ``penalty_fen`` has run up to today."""

    number: int
    from_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    paid_fen: int
    state: str

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.interest_fen + self.penalty_fen

    @property
    def unpaid_fen(self) -> int:
        return self.total_fen - self.paid_fen

    @property
    def state_label(self) -> str:
        return InstalmentState(self.state).label


@dataclass(frozen=True, slots=True)
class Split:
    """What an amount of money was for. ``unallocated_fen`` is what nothing was owed for."""

    penalty_fen: int = 0
    interest_fen: int = 0
    principal_fen: int = 0
    unallocated_fen: int = 0

    @property
    def total_fen(self) -> int:
        return self.penalty_fen + self.interest_fen + self.principal_fen + self.unallocated_fen

    def __add__(self, other: "Split") -> "Split":
        return Split(
            self.penalty_fen + other.penalty_fen,
            self.interest_fen + other.interest_fen,
            self.principal_fen + other.principal_fen,
            self.unallocated_fen + other.unallocated_fen,
        )


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """What settles a loan on a day: everything due, the rest of the principal, and its interest to that day."""

    on: date
    split: Split

    @property
    def total_fen(self) -> int:
        return self.split.total_fen


@dataclass(frozen=True, slots=True)
class RepaymentView:
    uuid: UUID
    at: datetime
    kind: str
    split: Split

    @property
    def kind_label(self) -> str:
        return RepaymentKind(self.kind).label


@dataclass(frozen=True, slots=True)
class RepaymentOutcome:
    """A repayment written down; ``is_new`` False where the same key had been used before."""

    repayment: RepaymentView
    loan: LoanRef
    is_new: bool


@dataclass(frozen=True, slots=True)
class DueLine:
    """One entry of the calendar of a firm's due dates over all its loans."""

    due_on: date
    loan_uuid: UUID
    loan_number: str
    lender_name: str
    number: int
    unpaid_fen: int
    state: str

    @property
    def state_label(self) -> str:
        return InstalmentState(self.state).label


@dataclass(frozen=True, slots=True)
class TotalCost:
    """What all loans of a borrower cost it. ``annual_rate`` is the all-in rate of each, weighted by what was lent."""

    loans: int
    principal_fen: int
    outstanding_fen: int
    interest_paid_fen: int
    interest_to_come_fen: int
    penalty_paid_fen: int
    fees_fen: int
    annual_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class CostFigures:
    """All loans in force at this moment. ``annual_rate`` is None where there are none."""

    loans: int
    outstanding_fen: int
    annual_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """An after-loan check, for the lender's eyes."""

    uuid: UUID
    at: datetime
    by: str
    conclusion: str
    findings: str
    document_uuid: UUID | None

    @property
    def conclusion_label(self) -> str:
        return CheckConclusion(self.conclusion).label


class UnableToStartLoan(Refusal):
    code = "UNABLE_TO_START_LOAN"


class UnableToRepay(Refusal):
    """More than is owed, nothing due, or the loan has ended."""

    code = "UNABLE_TO_REPAY"
