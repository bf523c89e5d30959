"""The words of matching: what was seen, what came out, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import ProductView
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit.codes import Code
from finmart.kit.criteria import State, Value
from finmart.kit.errors import Refusal


class MatchingAct(StrEnum):
    """Audit tags and permissions of this centre."""

    LEARN_CHANCES = "matching:chances:learn"
    TRY_CRITERIA = "matching:criteria:try"
    RUN_MATCH = "matching:run:match"


class MatchState(Code):
    """What the hard criteria of a product say together, best first."""

    ELIGIBLE = "ELIGIBLE", "符合条件"
    UNKNOWN = "UNKNOWN", "待补充信息"
    NEAR_MISS = "NEAR_MISS", "接近符合"
    NOT_ELIGIBLE = "NOT_ELIGIBLE", "暂不符合"

    @property
    def place(self) -> int:
        return list(MatchState).index(self)


@dataclass(frozen=True, slots=True)
class SeenFact:
    """A fact as it was on record when the match ran."""

    code: str
    value: Value
    known_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely matches of one kind become offers; ``is_prior`` where too few were decided to say it from them."""

    value: Decimal
    offers: int
    decided: int
    is_prior: bool


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """The weights and scales of a run, and what was known that day. All weights are defaults of ours and sum to 1.

    ``band``: scores within one band count as equal. ``chances`` are those learnt by then, by kind of match;
    ``without_room`` the institutions that had as many open applications as they can take; ``least_seen`` those that
    got less attention than the bound, measured against their equals.
    """

    cost: Decimal
    soft: Decimal
    speed: Decimal
    preference: Decimal
    cost_ceiling: Decimal
    slowest_days: int
    near_miss_most: int
    chance: Decimal = Decimal(0)
    band: Decimal = Decimal(0)
    chances: Mapping[str, Chance] = field(default_factory=dict)
    without_room: frozenset[int] = frozenset()
    least_seen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ScoreInput:
    """All that a score may know of a product: no institution, no fee to the platform, no past of its own (clause P5).

    ``annual_cost`` is the all-in rate at the product's highest rate, None where fees eat the loan; ``chance`` that of
    all matches of its kind.
    """

    annual_cost: Decimal | None
    promised_days: int
    soft_met: int
    soft_unknown: int
    soft_total: int
    fits_preference: bool
    chance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One product's result as computed and stored. ``states`` follow the need's criteria, then the product's own."""

    version_id: int
    state: MatchState
    rank: int | None
    score: Decimal | None
    lowest_cost: Decimal | None
    highest_cost: Decimal | None
    hard_not_met: int
    hard_unknown: int
    states: tuple[int, ...]
    kind: str = ""
    chance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CriterionAnswer:
    """One criterion with its answer. ``seen`` is the value it saw in words, 未知 where missing; "" where hidden.

    ``sentence`` says what is missing (还差什么), empty where the criterion is met.
    """

    text: str
    state: State
    is_hard: bool
    seen: str
    known_on: date | None
    source: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the smallest set that makes a product's hard criteria all met; ``target`` None to be supplied.

    ``is_possible`` is false where nothing the firm does or waits for brings it about.
    """

    field: str
    target: Value | None
    sentence: str
    is_possible: bool


@dataclass(frozen=True, slots=True)
class MatchedProduct:
    """A match card: the product version as it was, where it stands, what it costs, every reason, and the way there.

    ``steps`` is the smallest set of changes that makes the firm eligible, empty where it is or where facts are hidden.
    """

    product: ProductView
    outcome: Outcome
    answers: tuple[CriterionAnswer, ...]
    steps: tuple[Step, ...]

    chance: Chance | None

    @property
    def is_within_reach(self) -> bool:
        """Can the firm do or wait for all that is missing?"""
        return all(step.is_possible for step in self.steps)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still missing to qualify: hard criteria not met first, then unknown ones."""
        hard = [one for one in self.answers if one.is_hard and one.sentence]
        return tuple(one.sentence for one in sorted(hard, key=lambda one: one.state))

    @property
    def advice(self) -> tuple[str, ...]:
        """Soft criteria that would raise the rank."""
        return tuple(one.sentence for one in self.answers if not one.is_hard and one.sentence)


@dataclass(frozen=True, slots=True)
class MatchRun:
    """One match of one firm, with its inputs. ``results`` are in rank order, then the products not eligible."""

    uuid: UUID
    organisation: OrganisationRef
    need: NeedTerms
    matched_at: datetime
    engine_version: int
    settings: ScoreSettings
    facts: tuple[SeenFact, ...]
    results: tuple[MatchedProduct, ...]

    def in_state(self, state: MatchState) -> tuple[MatchedProduct, ...]:
        return tuple(one for one in self.results if one.outcome.state is state)


@dataclass(frozen=True, slots=True)
class MatchRunRow:
    """One line of a list of runs."""

    uuid: UUID
    need: NeedTerms
    matched_at: datetime
    eligible: int
    offered: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Stored and recomputed outcomes beside each other; ``differing`` names version ids that came out otherwise."""

    is_equal: bool
    products: int
    differing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MatchFigures:
    """Counts over all runs, with nothing about a firm: the live figure of D7 and P6."""

    runs: int
    products: int
    criteria: int
    criteria_known: int

    @property
    def known_share(self) -> Decimal | None:
        """The share of criteria that could be answered; None before the first."""
        return Decimal(self.criteria_known) / self.criteria if self.criteria else None


@dataclass(frozen=True, slots=True)
class Shift:
    """How many meet the criteria before and after a change, come in and drop out. None: too few to be told."""

    before: int | None
    after: int | None
    entering: int | None
    leaving: int | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A criterion in words and whether a firm meets it: ``state`` MET, NOT_MET or UNKNOWN, never with a value."""

    text: str
    state: str
    state_label: str
    is_hard: bool


@dataclass(frozen=True, slots=True)
class ShiftGroup:
    """What a change does within the parts of a city: by district, size, industry or cluster."""

    title: str
    rows: tuple[tuple[str, Shift], ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A product's criteria changed on trial, over every firm of which something is known (clause D7).

    ``unknown_before`` and ``unknown_after`` lack a fact to decide. ``matched`` says the same of the firms that
    matched with the product in the past year, by the facts of that day; ``lent`` and ``refused`` of those whose case
    ended in an offer or in the institution's no. Where ``suppressed_below`` is given, counts are rounded to its
    multiples and small ones None.
    """

    firms: int
    total: Shift
    unknown_before: int | None
    unknown_after: int | None
    groups: tuple[ShiftGroup, ...]
    matched: Shift
    lent: Shift
    refused: Shift
    suppressed_below: int | None


@dataclass(frozen=True, slots=True)
class PrecisionFigures:
    """Of a year: firm and product that fit, how many of these got an offer, and the rank of what was signed at last."""

    matches: int
    offers: int
    signed: int
    signed_ranked: int
    median_rank: float | None
    top_share: float | None

    @property
    def offer_share(self) -> float | None:
        return self.offers / self.matches if self.matches else None


@dataclass(frozen=True, slots=True)
class ExposureFigures:
    """Attention each institution got over an even share, 1 being even; ``gini`` 0 where all are."""

    institutions: int
    runs: int
    gini: float | None
    least: float | None
    most: float | None
    by_institution: dict[int, float]


@dataclass(frozen=True, slots=True)
class ExposedRow:
    """One institution's attention over an even share: among all eligible, and among its equals (None: it had none)."""

    name: str
    share: float
    among_equals: float | None
    is_below: bool


@dataclass(frozen=True, slots=True)
class ApprovalGap:
    """Share of decided applications that got an offer: (group, rate, decided). None: fewer than two groups."""

    title: str
    rows: tuple[tuple[str, float, int], ...]
    gap: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of P5 and P6 over the past year.

    ``chances`` are those now told, by kind of match in words; ``calibration_gap`` the mean distance between what was
    told to ``told`` applications, decided since, and what came out.
    """

    precision: PrecisionFigures
    exposure: ExposureFigures
    equals: ExposureFigures
    bound: Decimal
    exposed: tuple[ExposedRow, ...]
    gaps: tuple[ApprovalGap, ...]
    chances: tuple[tuple[str, Chance], ...]
    told: int
    calibration_gap: float | None

    @property
    def widest_gap(self) -> ApprovalGap | None:
        return max((one for one in self.gaps if one.gap is not None), key=lambda one: one.gap or 0.0, default=None)


class UnableToMatch(Refusal):
    """The need says nothing that can be matched."""

    code = "UNABLE_TO_MATCH"


class UnableToReplay(Refusal):
    """The run was made by an engine that is no longer here."""

    code = "UNABLE_TO_REPLAY"


class TooManyTries(Refusal):
    """The institution has tried as many criteria today as it may."""

    code = "TOO_MANY_TRIES"
