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

    QUALITY_MEASURE = "warnings:quality:measure"
    WARNING_ACT = "warnings:warning:act"
    WARNING_ASSIGN = "warnings:warning:assign"
    WARNING_ESCALATE = "warnings:warning:escalate"
    WARNING_LIFT = "warnings:warning:lift"
    WARNING_RAISE = "warnings:warning:raise"
    WARNING_READ = "warnings:warning:read"
    WARNING_REGRADE = "warnings:warning:regrade"
    WARNING_REMIND = "warnings:warning:remind"
    WARNING_TAKE = "warnings:warning:take"
    WARNING_UPGRADE = "warnings:warning:upgrade"


class Grade(Code):
    """How bad it is, the worst first."""

    RED = "RED", "红色"
    ORANGE = "ORANGE", "橙色"
    YELLOW = "YELLOW", "黄色"
    BLUE = "BLUE", "蓝色"


class SignalCode(Code):
    ABNORMAL = "ABNORMAL", "列入经营异常名录"
    CUSTOMER_LOSS = "CUSTOMER_LOSS", "客户流失"
    DEFENDANT = "DEFENDANT", "被诉增多"
    DISHONEST = "DISHONEST", "列为失信被执行人"
    ENFORCEMENT = "ENFORCEMENT", "被强制执行"
    GUARANTEES = "GUARANTEES", "对外担保过高"
    HEADCOUNT_DROP = "HEADCOUNT_DROP", "参保人数骤降"
    INSURANCE_ARREARS = "INSURANCE_ARREARS", "欠缴社保"
    LEGAL_PERSON = "LEGAL_PERSON", "法定代表人频繁变更"
    LENDERS = "LENDERS", "多头授信"
    LITIGATION = "LITIGATION", "涉诉增多"
    OVERDUE = "OVERDUE", "贷款逾期"
    PENALTIES = "PENALTIES", "行政处罚增多"
    QUERY_GAP = "QUERY_GAP", "查询多而未获授信"
    SALES_DROP = "SALES_DROP", "开票销售额骤降"
    TAX_ARREARS = "TAX_ARREARS", "欠税"
    TAX_DROP = "TAX_DROP", "纳税额骤降"
    UTILITY_ARREARS = "UTILITY_ARREARS", "水电费逾期"
    UTILITY_DROP = "UTILITY_DROP", "用电量骤降"
    VOIDED = "VOIDED", "作废发票过多"


class WarningState(Code):
    LIFTED = "LIFTED", "已解除"
    OPEN = "OPEN", "处置中"


class LineKind(Code):
    ACTION = "ACTION", "处置"
    ASSIGNED = "ASSIGNED", "转派"
    EXPIRED = "EXPIRED", "逾期上报"
    LIFTED = "LIFTED", "解除"
    RAISED = "RAISED", "发出"
    REGRADED = "REGRADED", "调整等级"
    REMINDED = "REMINDED", "到期提醒"
    TAKEN = "TAKEN", "认领"
    UPGRADED = "UPGRADED", "人工升级"


class UnableToHandle(Refusal):
    """The warning's state, or what has been done so far, does not allow the act."""

    code = "UNABLE_TO_HANDLE"


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule: which number is watched, and what is to be done. Its thresholds are settings, one per grade.

    The setting ``warnings.<code>.<grade>`` (lower case) holds the least value of the grade; a higher number is worse.
    ``evidence`` is a sentence with ``{value}``; ``scale`` is what one unit on screen is worth. ``facts`` are the fact
    types it rests on: who is to be told of it needs a consent that covers them all. What the platform's own records say
    (loans, applications) stands there under the fact type of the same content. ``owner_role`` is whose work it is.
    """

    code: SignalCode
    facts: tuple[str, ...]
    formula: str
    evidence: str
    action: str
    scale: Decimal = Decimal(1)
    owner_role: str = "OPERATOR"

    @property
    def is_share(self) -> bool:
        return self.scale < 1

    def setting(self, grade: Grade) -> str:
        return f"warnings.{self.code.lower()}.{grade.lower()}"


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan did: how many firms it judged by signal, and how many warnings it raised and regraded."""

    judged: dict[str, int]
    raised: int
    regraded: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """A signal as the page of rules shows it; ``thresholds`` are as written on screen, the worst grade first."""

    code: SignalCode
    label: str
    facts: tuple[str, ...]
    formula: str
    action: str
    owner_label: str
    thresholds: tuple[tuple[Grade, str], ...]
    unit: str
    open: int


@dataclass(frozen=True, slots=True)
class DeadlineRun:
    """What a look at the deadlines did: how many were reminded of, and how many are late and were reported."""

    reminded: int
    escalated: int


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a warning's history; ``by`` is empty where the platform itself acted."""

    at: datetime
    by: str
    kind_label: str
    grade_label: str
    text: str


def told(label: str, evidence: str) -> str:
    """Return signal and evidence as one text that says nothing twice; ``evidence`` may be hidden (empty)."""
    if not evidence or evidence.startswith(label):
        return evidence or label
    return f"{label}：{evidence}"


class Holder(Code):
    """Whose a warning is, for the reader of a list."""

    MINE = "MINE", "本人认领"
    NOBODY = "NOBODY", "待认领"


@dataclass(frozen=True, slots=True)
class WarningFilter:
    """What a list of warnings is narrowed to; ``None`` is any."""

    state: WarningState = WarningState.OPEN
    grade: Grade | None = None
    signal: SignalCode | None = None
    holder: Holder | None = None


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
    owner_id: int | None
    owner_name: str
    is_late: bool
    lift_reason: str
    lines: tuple[LineView, ...]
    acts: frozenset[WarningsAct]

    @property
    def told(self) -> str:
        """What was seen, named once: evidence that begins with the signal's name stands alone."""
        return told(self.signal_label, self.evidence)


@dataclass(frozen=True, slots=True)
class WarningFigures:
    """Warnings of the whole platform; ``late`` are open ones past their deadline."""

    open: int
    late: int
    lifted: int
