"""Signals, their grades, and warnings as the operator sees them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class WarningsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    WARNING_ACT = "warnings:warning:act"
    WARNING_LIFT = "warnings:warning:lift"
    WARNING_RAISE = "warnings:warning:raise"
    WARNING_REGRADE = "warnings:warning:regrade"
    WARNING_TAKE = "warnings:warning:take"


class Grade(Code):
    """How bad it is, the worst first."""

    RED = "RED", "红色"
    ORANGE = "ORANGE", "橙色"
    YELLOW = "YELLOW", "黄色"
    BLUE = "BLUE", "蓝色"


class SignalCode(Code):
    GUARANTEES = "GUARANTEES", "对外担保过高"
    LITIGATION = "LITIGATION", "涉诉增多"
    OVERDUE = "OVERDUE", "贷款逾期"
    SALES_DROP = "SALES_DROP", "开票销售额骤降"


class WarningState(Code):
    LIFTED = "LIFTED", "已解除"
    OPEN = "OPEN", "处置中"


class LineKind(Code):
    ACTION = "ACTION", "处置"
    LIFTED = "LIFTED", "解除"
    RAISED = "RAISED", "发出"
    REGRADED = "REGRADED", "调整等级"
    TAKEN = "TAKEN", "认领"


class UnableToHandle(Refusal):
    """The warning's state, or what has been done so far, does not allow the act."""

    code = "UNABLE_TO_HANDLE"


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule: which number is watched, and what is to be done. Its thresholds are settings, one per grade.

    The setting ``warnings.<code>.<grade>`` (lower case) holds the least value of the grade; a higher number is worse.
    ``evidence`` is a sentence with ``{value}``, written in ``unit``; ``scale`` is what one unit on screen is worth.
    """

    code: SignalCode
    formula: str
    evidence: str
    action: str
    scale: Decimal = Decimal(1)

    def setting(self, grade: Grade) -> str:
        return f"warnings.{self.code.lower()}.{grade.lower()}"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan did: how many firms it judged by signal, and how many warnings it raised and regraded."""

    judged: dict[str, int]
    raised: int
    regraded: int


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a warning's history; ``by`` is empty where the platform itself acted."""

    at: datetime
    by: str
    kind_label: str
    grade_label: str
    text: str


@dataclass(frozen=True, slots=True)
class WarningView:
    """A warning for one actor; ``acts`` says what this actor may do with it now."""

    uuid: UUID
    signal_label: str
    formula: str
    action: str
    grade: Grade
    firm_name: str
    evidence: str
    state: WarningState
    raised_at: datetime
    due_at: datetime
    owner_name: str
    lift_reason: str
    lines: tuple[LineView, ...]
    acts: frozenset[WarningsAct]


@dataclass(frozen=True, slots=True)
class WarningFigures:
    """Warnings of the whole platform; ``late`` are open ones past their deadline."""

    open: int
    late: int
    lifted: int
