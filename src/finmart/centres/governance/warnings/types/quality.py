"""How good warnings were on history."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finmart.centres.governance.warnings.types.signals import Grade, SignalCode
from finmart.kit.codes import Code


class Outcome(Code):
    """What a warning is held against."""

    DEFAULT = "DEFAULT", "违约（来源没有违约日期）"
    SALES_STOP = "SALES_STOP", "连续三个月没有开票销售"


@dataclass(frozen=True, slots=True)
class AlertQuality:
    """One grade of one signal against one outcome.

    ``hits`` of ``alerts`` came true, ``found`` of ``events`` had been warned of. ``late`` alerts were raised when it
    had happened already; they are alerts without a hit. ``lead_months`` is the median from the first warning within
    the year before to the event. ``base_rate`` is what ``precision`` would be if warnings were raised at random.
    Shares are None where there is nothing to share.
    """

    signal: SignalCode
    grade: Grade
    threshold: Decimal
    outcome: Outcome
    firms: int
    alerts: int
    hits: int
    late: int
    events: int
    found: int
    precision: float | None
    recall: float | None
    base_rate: float | None
    lead_months: float | None


@dataclass(frozen=True, slots=True)
class MeasuredQuality:
    """How good the signals were on the platform's own invoices, when it was measured last."""

    measured_at: datetime
    rows: tuple[AlertQuality, ...]
