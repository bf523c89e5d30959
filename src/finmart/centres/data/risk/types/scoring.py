"""The words of risk: models, versions, scores, measures, and what is refused."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class RiskAct(StrEnum):
    """Audit tags and permissions of this centre."""

    DRIFT_WATCH = "risk:drift:watch"
    FIRM_SCORE = "risk:firm:score"
    MODEL_APPROVE = "risk:model:approve"
    MODEL_CHANGE = "risk:model:change"
    MODEL_REJECT = "risk:model:reject"
    MODEL_TRAIN = "risk:model:train"
    OUTCOME_RECORD = "risk:outcome:record"


class ModelState(Code):
    IN_FORCE = "IN_FORCE", "生效中"
    REJECTED = "REJECTED", "未通过"
    SUPERSEDED = "SUPERSEDED", "已被新版本取代"
    WAITING = "WAITING", "待审批"


class ModelKind(Code):
    CHALLENGER = "CHALLENGER", "挑战模型（LightGBM）"
    LOGIT = "LOGIT", "逻辑回归（用于复现）"
    SCORECARD = "SCORECARD", "评分卡"


class LeakReason(Code):
    """Why a column may not be a feature."""

    COMPUTED = "COMPUTED", "由被拒绝的列推算而来"
    CONSTANT = "CONSTANT", "每行都相同，不含信息"
    IDENTITY = "IDENTITY", "每行都不同的编号或名称，不是特征"
    NAME = "NAME", "列名表明它在贷款结束后才知道，或就是结果本身"
    TOO_GOOD = "TOO_GOOD", "单独这一列就几乎能判断结果，好得不可信"


@dataclass(frozen=True, slots=True)
class Leak:
    """A column refused as a feature, and why; ``auc`` where it was measured, ``source`` what it is computed from."""

    column: str
    reason: LeakReason
    auc: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many rows at or above the threshold probability were bad (tp) or good (fp), and below it (fn, tn)."""

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One group of rows of like probability: how many, what was expected, what happened."""

    rows: int
    expected: float
    observed: float


@dataclass(frozen=True, slots=True)
class GroupRow:
    """How one group of firms fares: its rows and bads, mean probability and share below the threshold, both 0 to 1."""

    group: str
    rows: int
    bads: int
    mean_chance: float
    passed_share: float


@dataclass(frozen=True, slots=True)
class Measures:
    """How well probabilities told outcomes.

    ``auc_spread`` is the deviation of the AUC over the repeated runs, or over resamples of the test rows where there
    is one split only. ``stability`` is the population stability index of the scores, training against test.
    """

    auc: float
    auc_spread: float
    ks: float
    brier: float
    confusion: Confusion
    rows: int
    bads: int
    calibration: tuple[CalibrationRow, ...]
    stability: float | None = None
    gaps: tuple[GroupRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a back-test found, of one kind of model, and which columns were refused or used."""

    kind: ModelKind
    measures: Measures
    columns: tuple[str, ...]
    refused: tuple[Leak, ...] = ()
    label: str = ""
    how: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How to read a table: the label column and which value is bad, the split column and which value trains.

    ``features`` names the columns to use (all that do not leak, where empty), ``texts`` those whose digits are codes,
    ``group`` a column by which gaps are told and which is no feature. ``plain`` keeps every number a number;
    ``despite_leaks`` switches the refusal off, to reproduce published results.
    """

    label: str
    split: str = ""
    bad: str = ""
    train: str = ""
    features: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    group: str = ""
    plain: bool = False
    despite_leaks: bool = False


class UnableToTrain(Refusal):
    """There is nothing to learn from, or what is offered may not be learnt from."""

    code = "UNABLE_TO_TRAIN"


class UnableToUseModel(Refusal):
    """The model may not be used: tampered with, not approved, or of the wrong kind."""

    code = "UNABLE_TO_USE_MODEL"


class UnableToChangeModel(Refusal):
    code = "UNABLE_TO_CHANGE_MODEL"


@dataclass(frozen=True, slots=True)
class BinView:
    """One line of a scorecard as people read it. ``bad_rate`` is None for a bin nobody was in.

    ``lower`` is where a bin of numbers begins, ``texts`` what a bin of texts holds.
    """

    text: str
    rows: int
    bad_rate: float | None
    woe: float
    points: int
    lower: float | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartView:
    """One column of a scorecard as people read it.

    ``reason`` is what firms are told where it costs points: None the label, empty nothing.
    """

    code: str
    label: str
    formula: str
    bins: tuple[BinView, ...]
    is_text: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpinionView:
    person_name: str
    is_approval: bool
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A version as lists show it. ``may_give_opinion`` says whether this actor may approve or reject it."""

    uuid: UUID
    name: str
    number: int
    kind: str
    kind_label: str
    state: str
    state_label: str
    sha256: str
    made_by_name: str
    made_at: datetime
    auc: float | None
    approvals: int
    may_give_opinion: bool


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything people should know of a version before they rely on it.

    ``base`` and ``parts`` are empty for a challenger. ``drift`` is the stability index of the scores given since,
    against training (None before any); ``column_drift`` the same per column; ``gaps`` how sizes, ages, ownerships and
    districts of the firms scored fare, (heading, groups) each. ``has_rows`` where the rows it was trained on were
    kept, so that its bins may be cut anew. Of a version people made, ``measures`` say ``is_in_sample`` and hold
    ``before``: AUC, KS and Brier of the version changed, on the same rows.
    """

    row: ModelRow
    base: int
    parts: tuple[PartView, ...]
    training: dict[str, Any]
    measures: dict[str, Any] | None
    note: str
    opinions: tuple[OpinionView, ...]
    scores: int
    drift: float | None
    column_drift: tuple[tuple[str, float], ...]
    gaps: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    history: tuple["DriftView", ...] = ()
    has_rows: bool = False


@dataclass(frozen=True, slots=True)
class ScoringFigures:
    """How scoring stands, with nothing about a firm: the live figure of D4. ``model`` is empty without one in force."""

    model: str
    firms: int
    latest_scored_at: datetime | None
    drift: float | None
    is_beyond: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of a firm's credit: whether it defaulted, from when it was looked at, when that was known."""

    organisation_id: int
    is_bad: bool
    as_of_on: date
    known_on: date


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """What one source told of the outcomes of credit: how many, how many of them defaults, and when they were known."""

    source: str
    rows: int
    bads: int
    known_from: date
    known_to: date


@dataclass(frozen=True, slots=True)
class DriftView:
    """One day of the watch on a version: index over the newest score of each firm, the columns that moved most."""

    checked_on: date
    scores: int
    index: float
    threshold: float
    is_beyond: bool
    columns: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A column that cost a firm points against the average firm."""

    code: str
    label: str
    points: int
    value: object


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A score with its reasons. It informs; the institution decides, and a person reviews a refusal on request.

    ``read_at``: when it was shown, where that is what was asked for. ``disputed`` are labels of facts made of the same
    invoices that the firm disputed when it was scored: the mark stays with the score.
    """

    uuid: UUID
    organisation_id: int
    model: str
    number: int
    points: int
    chance: float
    reasons: tuple[ReasonView, ...]
    missing: tuple[str, ...]
    as_of_on: date
    scored_at: datetime
    read_at: datetime | None = None
    disputed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored score computed anew from its inputs; ``differences`` is empty where it came out the same."""

    score: UUID
    is_same: bool
    differences: tuple[str, ...]
