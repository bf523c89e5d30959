"""The words of quality: rules as data, runs and their figures, lapses and what is done about them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class QualityAct(StrEnum):
    """Audit tags and permissions of this centre."""

    LAPSE_MEASURE = "quality:lapse:measure"
    LAPSE_MEND = "quality:lapse:mend"
    LAPSE_OPEN = "quality:lapse:open"
    RULE_SET = "quality:rule:set"
    RULES_LOAD = "quality:rules:load"
    RUN_ASK = "quality:run:ask"
    RUN_FINISH = "quality:run:finish"


class Dimension(Code):
    """What a rule is about, in the order people read them."""

    COMPLETE = "COMPLETE", "完整"
    VALID = "VALID", "有效"
    UNIQUE = "UNIQUE", "唯一"
    CONSISTENT = "CONSISTENT", "一致"
    FRESH = "FRESH", "及时"
    PLAUSIBLE = "PLAUSIBLE", "合理"


class Subject(Code):
    """The table a rule is asked of; ``rules/tables.py`` says what its columns are."""

    FACTS = "FACTS", "企业数据项（每企业、每项、每来源一行）"
    FIRMS = "FIRMS", "企业（每企业一行）"
    INVOICES = "INVOICES", "发票（每张一行）"
    LOADS = "LOADS", "导入（每次一行）"


class Trigger(Code):
    ASKED = "ASKED", "人工"
    BATCH = "BATCH", "来源批次入库前"
    DAILY = "DAILY", "每日"
    LOAD = "LOAD", "导入后"


class Origin(Code):
    OPERATOR = "OPERATOR", "运营人员"
    PACK = "PACK", "城市配置包"


class LapseState(Code):
    MENDED = "MENDED", "已恢复"
    OPEN = "OPEN", "未达标"


class LineKind(Code):
    MEASURE = "MEASURE", "整改"
    MENDED = "MENDED", "恢复达标"
    OPENED = "OPENED", "未达标"


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as data: ``when`` conditions and the ``check`` are read by ``rules/checks.py``.

    ``most_failed`` is the largest share of failures that still passes; ``days_to_mend`` are working days. A batch of a
    feed that fails the rule is held where it has at least ``holds_from`` rows to check; 0 never holds, but tells.
    """

    code: str
    dimension: Dimension
    subject: Subject
    label: str
    meaning: str
    when: tuple[dict[str, Any], ...]
    check: dict[str, Any]
    most_failed: Decimal
    days_to_mend: int
    source: str
    is_example: bool
    valid_from: date
    holds_from: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One failing row: the firm it is of (None for rows of many) and its values, texts shortened to their shape."""

    firm_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """What a run found for a rule: of ``checked`` rows that the rule speaks of, ``failed`` do not hold."""

    code: str
    checked: int
    failed: int
    examples: tuple[Example, ...]

    @property
    def share(self) -> Decimal:
        """Return failed / checked, 0 where nothing was checked."""
        return (Decimal(self.failed) / self.checked).quantize(Decimal("0.000001")) if self.checked else Decimal(0)


@dataclass(frozen=True, slots=True)
class BatchFigure:
    """What a rule says of a feed's batch, before any of it is a fact; ``holds`` where the batch is held for it."""

    code: str
    label: str
    dimension_label: str
    checked: int
    failed: int
    share: Decimal
    most_failed: Decimal
    passes: bool
    holds: bool
    examples: tuple["ExampleView", ...]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did; ``failing`` are the codes of rules whose share of failures is above what they allow."""

    uuid: UUID
    figures: tuple[Figure, ...]
    failing: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Point:
    """A rule's figure in one run. ``passes`` is judged by the terms in force on the day of the run."""

    at: datetime
    trigger_label: str
    is_whole: bool
    checked: int
    failed: int
    share: Decimal
    most_failed: Decimal
    passes: bool


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A failing row as the operator sees it; ``firm_code`` (credit code) is empty where it is of no single firm."""

    firm_code: str
    firm_name: str
    text: str


@dataclass(frozen=True, slots=True)
class TermsView:
    """What was in force from a day on: by whom it was set, why."""

    valid_from: date
    most_failed: Decimal
    days_to_mend: int
    owner_name: str
    origin_label: str
    set_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a lapse's history; ``by`` is empty where the platform itself acted."""

    at: datetime
    by: str
    kind_label: str
    text: str


@dataclass(frozen=True, slots=True)
class LapseView:
    """A rule that does not hold: since when, whose, until when it is to be mended."""

    uuid: UUID
    state: LapseState
    opened_at: datetime
    due_at: datetime
    mended_at: datetime | None
    owner_name: str
    lines: tuple[LineView, ...]
    acts: frozenset[QualityAct]


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as the operator's list shows it. ``latest`` is its newest whole run, ``trend`` those, oldest first."""

    code: str
    dimension: Dimension
    subject_label: str
    label: str
    meaning: str
    source: str
    is_example: bool
    most_failed: Decimal
    days_to_mend: int
    holds_from: int
    owner_id: int | None
    owner_name: str
    latest: Point | None
    trend: tuple[Point, ...]
    lapse: LapseView | None
    acts: frozenset[QualityAct]

    @property
    def shares(self) -> list[Decimal]:
        """Return the trend's shares of failures, the oldest first, of runs that had something to check."""
        return [point.share for point in self.trend if point.checked]


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule with its history: runs newest first, failing examples of the newest whole run, terms, lapses.

    ``facts`` are (code, label) of the facts it reads.
    """

    rule: RuleView
    facts: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]
    examples: tuple[ExampleView, ...]
    terms: tuple[TermsView, ...]
    lapses: tuple[LapseView, ...]


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """Sums for the standard's page, of the newest whole run: rules that had rows to check, those that held, rows."""

    asked: int
    holding: int
    checked: int


class UnableToSet(Refusal):
    """The rule's terms, or the rule itself, cannot be as asked."""

    code = "UNABLE_TO_SET"
