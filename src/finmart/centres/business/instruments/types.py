"""The words of instruments: kinds and states of contracts, their terms, and what queries return."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.centres.technical.parties.types import UnableToSign
from finmart.kit.codes import Code
from finmart.kit.errors import Refusal
from finmart.kit.finance import DayCount, RepaymentMethod

__all__ = [
    "ContractFee", "ContractKind", "ContractRef", "ContractState", "ContractVerification", "ContractView",
    "Guarantee", "InstrumentsAct", "LoanTerms", "SignatureView", "SlotView", "UnableToChangeContract", "UnableToDraft",
    "UnableToSign",
]  # fmt: skip


class InstrumentsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    AUTHORITY_CREATE = "instruments:authority:create"
    CONTRACT_BRING_INTO_FORCE = "instruments:contract:bring_into_force"
    CONTRACT_DRAFT = "instruments:contract:draft"
    CONTRACT_END = "instruments:contract:end"
    CONTRACT_SIGN = "instruments:contract:sign"
    CONTRACT_VOID = "instruments:contract:void"


class ContractKind(Code):
    """What a contract is about. Each kind has its series of numbers and its template in ``rules``."""

    LOAN_CONTRACT = "LOAN_CONTRACT", "借款合同"


class ContractState(Code):
    DRAFT = "DRAFT", "待签署"
    ENDED = "ENDED", "已终止"
    IN_FORCE = "IN_FORCE", "生效中"
    SIGNED = "SIGNED", "已签署"
    VOID = "VOID", "已作废"


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A guarantee that a firm has given to another party or had from it, by a contract that all have signed.

    ``other`` is as everybody at the case reads it: a person's name is masked. ``amount_fen`` is the contract's.
    """

    contract_number: str
    other: str
    is_given: bool
    amount_fen: int
    state: ContractState
    signed_on: date


@dataclass(frozen=True, slots=True)
class ContractFee:
    """A fee as the borrower pays it: once at disbursement, or at the beginning of every year."""

    name: str
    amount_fen: int
    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What a loan contract agrees. ``annual_rate`` 0.0435 is 4.35 % a year, nominal.

    ``all_in_annual_rate`` is the rate with all fees in (internal rate of return), None where not computed.
    ``due_day`` 1–31, or 0 for the day of disbursement. ``collateral`` and ``conditions`` in words.
    """

    amount_fen: int
    annual_rate: Decimal
    months: int
    method: RepaymentMethod
    purpose: str
    day_count: DayCount = DayCount.ACT_360
    due_day: int = 0
    all_in_annual_rate: Decimal | None = None
    fees: tuple[ContractFee, ...] = ()
    collateral: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractRef:
    """What other centres keep of a contract."""

    uuid: UUID
    number: str
    kind: str
    case_uuid: UUID
    state: str
    document_uuid: UUID

    @property
    def state_label(self) -> str:
        return ContractState(self.state).label

    @property
    def kind_label(self) -> str:
        return ContractKind(self.kind).label


@dataclass(frozen=True, slots=True)
class SlotView:
    """A place for one signature. ``can_sign_now`` says whether this actor may fill it at this moment."""

    position: int
    role: str
    role_label: str
    name: str
    signed_by: str
    signed_at: datetime | None
    can_sign_now: bool


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract for one actor; ``acts`` says what this actor may do with it now."""

    ref: ContractRef
    case_number: str
    terms: LoanTerms
    slots: tuple[SlotView, ...]
    drafted_at: datetime
    signed_at: datetime | None
    in_force_at: datetime | None
    ended_at: datetime | None
    ending_reason: str
    acts: frozenset[InstrumentsAct]

    @property
    def may_sign(self) -> bool:
        return InstrumentsAct.CONTRACT_SIGN in self.acts

    @property
    def may_void(self) -> bool:
        return InstrumentsAct.CONTRACT_VOID in self.acts


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One signature found in the paper; ``fault`` is empty where it is valid."""

    person: str
    organisation: str
    issuer: str
    signed_at: datetime | None
    fault: str


@dataclass(frozen=True, slots=True)
class ContractVerification:
    """What the paper itself says: its signatures, and everything that does not fit the record."""

    version: int
    signatures: tuple[SignatureView, ...]
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


class UnableToDraft(Refusal):
    """The parties or the terms do not make a contract, or there is one already."""

    code = "UNABLE_TO_DRAFT"


class UnableToChangeContract(Refusal):
    """The contract's state does not allow the act."""

    code = "UNABLE_TO_CHANGE_CONTRACT"
