"""How good warnings were on history."""

from dataclasses import dataclass
from decimal import Decimal

from finmart.centres.governance.warnings.types.signals import Grade
from finmart.kit.codes import Code


class Outcome(Code):
    """What a warning is held against."""

    DEFAULT = "DEFAULT", "违约（来源没有违约日期）"
    SALES_STOP = "SALES_STOP", "连续三个月没有开票销售"


@dataclass(frozen=True, slots=True)
class AlertQuality:
    """One grade against one outcome. ``hits`` of ``alerts`` came true, ``found`` of ``events`` had been warned of.

    ``late`` alerts were raised when it had happened already; they are alerts without a hit. ``lead_months`` is the
    median from the first warning within the year before to the event. ``base_rate`` is what ``precision`` would be if
    warnings were raised at random. Shares are None where there is nothing to share.
    """

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
