"""The words of applications: needs, applications, offers, and what queries return."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from finmart.centres.business.applications.types.codes import (
    ENDED_STATES,
    ApplicationsAct,
    ApplicationState,
    Move,
    NeedState,
    OfferState,
    RefusalReason,
    ReviewOutcome,
)
from finmart.centres.business.catalogue.types import CollateralKind, LoanPurpose, ProductTerms
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit.errors import Refusal
from finmart.kit.finance import RepaymentMethod

__all__ = [
    "ENDED_STATES", "ApplicationPath", "ApplicationRef", "ApplicationState", "ApplicationView", "ApplicationsAct",
    "Counts", "Move", "NeedDraft", "NeedRef", "NeedState", "NeedTerms", "NeedView", "OfferBounds", "OfferFee",
    "OfferRef", "OfferState", "OfferTerms", "OfferView", "RefusalReason", "ReviewFigures", "ReviewOutcome", "ReviewRef",
    "ReviewView", "ScoreSeen", "UnableToOffer", "UnableToRefuse", "UnableToReview", "UnableToState",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NeedTerms:
    """What a firm asks for. ``repayment_method`` None: no preference. ``district`` is a code of the pack, or empty."""

    amount_fen: int
    term_months: int
    purpose: LoanPurpose
    purpose_note: str = ""
    repayment_method: RepaymentMethod | None = None
    district: str = ""


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """A half-filled need, as it is; only what is there is checked."""

    amount_fen: int | None = None
    term_months: int | None = None
    purpose: str = ""
    purpose_note: str = ""
    repayment_method: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class NeedRef:
    uuid: UUID
    number: str
    state: NeedState


@dataclass(frozen=True, slots=True)
class NeedView:
    """A need of the actor's own firm, with the acts this actor may do."""

    uuid: UUID
    number: str
    organisation_id: int
    state: NeedState
    amount_fen: int | None
    term_months: int | None
    purpose: str
    purpose_note: str
    repayment_method: str
    district: str
    stated_by: str
    stated_at: datetime | None
    applications: int
    open_offers: int
    acts: frozenset[ApplicationsAct]

    @property
    def purpose_label(self) -> str:
        return LoanPurpose(self.purpose).label if self.purpose else ""

    @property
    def repayment_method_label(self) -> str:
        return RepaymentMethod(self.repayment_method).label if self.repayment_method else "不限"


@dataclass(frozen=True, slots=True)
class ApplicationRef:
    """What applying gives back: ``number`` is that of the case, the last two what the product asks for."""

    uuid: UUID
    case_uuid: UUID
    number: str
    organisation_id: int
    institution_id: int
    version_id: int
    state: ApplicationState
    amount_fen: int
    term_months: int
    collateral: CollateralKind
    joint_liability: bool


@dataclass(frozen=True, slots=True)
class OfferFee:
    """A fee as the firm will pay it: once at disbursement, or at the beginning of every year."""

    name: str
    amount_fen: int
    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What an institution offers. ``annual_rate`` 0.0435 is 4.35 % a year, nominal.

    ``fees`` None takes those the product version publishes; named ones may be lower, never higher or others.
    ``collateral`` says in words what is asked for beyond credit, empty for nothing.
    """

    amount_fen: int
    term_months: int
    annual_rate: Decimal
    repayment_method: RepaymentMethod
    valid_until: datetime
    fees: tuple[OfferFee, ...] | None = None
    conditions: tuple[str, ...] = ()
    collateral: str = ""
    joint_liability: bool = False


@dataclass(frozen=True, slots=True)
class OfferBounds:
    """What an offer on an application keeps to: the amount asked for, in fen, and what the product publishes."""

    asked_fen: int
    product: ProductTerms


@dataclass(frozen=True, slots=True)
class OfferRef:
    uuid: UUID
    application_uuid: UUID
    all_in_annual_rate: Decimal


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer, comparable.

    ``all_in_annual_rate`` is the compound IRR with all fees in, ``cost_fen`` all interest and fees of the term.
    """

    uuid: UUID
    application_uuid: UUID
    number: str
    institution_id: int
    institution_name: str
    product_name: str
    state: OfferState
    amount_fen: int
    term_months: int
    purpose: LoanPurpose
    annual_rate: Decimal
    all_in_annual_rate: Decimal
    cost_fen: int
    repayment_method: RepaymentMethod
    fees: tuple[OfferFee, ...]
    conditions: tuple[str, ...]
    collateral: str
    joint_liability: bool
    made_at: datetime
    valid_until: datetime
    acts: frozenset[ApplicationsAct]


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application for one actor. ``need_uuid`` is None for everybody but the firm itself.

    What was asked for is kept as it was when submitted. ``reason`` explains a return, refusal, withdrawal or decline.
    """

    uuid: UUID
    case_uuid: UUID
    number: str
    need_uuid: UUID | None
    state: ApplicationState
    firm: OrganisationRef
    institution: OrganisationRef
    product_id: int
    version_id: int
    product_name: str
    asked: NeedTerms
    submitted_at: datetime
    changed_at: datetime
    refusal_reason: RefusalReason | None
    reason: str
    offers: tuple[OfferView, ...]
    acts: frozenset[ApplicationsAct]
    score_seen: "ScoreSeen | None" = None
    is_reopened: bool = False

    @property
    def offer(self) -> OfferView | None:
        """Return the offer that counts: the accepted one, else the open one."""
        counting = [o for o in self.offers if o.state in {OfferState.ACCEPTED, OfferState.OPEN}]
        return counting[-1] if counting else None


@dataclass(frozen=True, slots=True)
class ScoreSeen:
    """The platform's score an institution had looked at when it refused: never a reason by itself.

    ``reasons`` are the labels of the columns that cost points, ``codes`` the scorecard's own.
    """

    points: int
    model: str
    number: int
    codes: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewRef:
    uuid: UUID
    case_uuid: UUID
    institution_id: int
    organisation_id: int
    deciders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """Where a refused application stands with its human review (clause D4).

    ``may_request`` and ``may_apply_again`` say what this actor may do now; ``until`` is the last moment to ask.
    ``decided_by`` is empty for the firm: it reads what was found and why, not who of the institution's staff.
    """

    until: datetime
    may_request: bool
    may_apply_again: bool
    grounds: str = ""
    requested_at: datetime | None = None
    outcome: ReviewOutcome | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """How many refusals were looked at again by a person, and what came of it."""

    requested: int
    reopened: int
    upheld: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many applications stand where, and why the refused ones were refused."""

    by_state: dict[str, int]
    by_reason: dict[str, int]


@dataclass(frozen=True, slots=True)
class ApplicationPath:
    """What became of one application, without what it was for: for figures over many."""

    organisation_id: int
    institution_id: int
    product_id: int
    submitted_at: datetime
    was_offered: bool
    was_signed: bool
    was_refused: bool


class UnableToState(Refusal):
    """The need is incomplete, absurd or not to be changed any more."""

    code = "UNABLE_TO_STATE"


class UnableToOffer(Refusal):
    """The offer leaves what the product version publishes, or what was asked for."""

    code = "UNABLE_TO_OFFER"


class UnableToRefuse(Refusal):
    """A refusal without a reason."""

    code = "UNABLE_TO_REFUSE"


class UnableToReview(Refusal):
    """Nothing to review, too late, nothing said, or by somebody who decided before."""

    code = "UNABLE_TO_REVIEW"
