"""The table of signals, and from a number to its grade. Pure: numbers and thresholds come in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from finmart.centres.governance.warnings.types import Grade, Signal, SignalCode

LONGEST_TEXT = 500
RECENT_MONTHS = 3
YEAR = 12

_ROWS = (
    Signal(
        SignalCode.OVERDUE, "在贷贷款最早一期未还的逾期天数", "最长逾期 {value} 天", "联系企业与贷款机构，核实还款来源"
    ),
    Signal(
        SignalCode.GUARANTEES,
        "为他人在贷贷款承担的保证余额除以注册资本（以注册资本代替净资产；资本未知则不判断）",
        "对外保证余额为注册资本的 {value} 倍",
        "核实担保关系与代偿能力，查看压力推演",
    ),
    Signal(
        SignalCode.SALES_DROP,
        "一减最近3个完整月开票净销售额与上年同期之比；任一月份未知或上年同期不为正则不判断",
        "最近3个月开票净销售额同比下降 {value}%",
        "走访企业，核实经营状况",
        Decimal("0.01"),
    ),
    Signal(SignalCode.LITIGATION, "涉诉次数（由数据来源提供）", "涉诉 {value} 次", "查阅案件情况，核实被诉金额"),
)  # fmt: skip

SIGNALS: dict[SignalCode, Signal] = {row.code: row for row in _ROWS}


def grade_of(value: Decimal | None, thresholds: Mapping[Grade, Decimal]) -> Grade | None:
    """Return the worst grade whose threshold the value reaches; None where it reaches none or is not known."""
    if value is None:
        return None
    return next((grade for grade in Grade if grade in thresholds and value >= thresholds[grade]), None)


def is_worse(one: Grade, other: Grade) -> bool:
    """Is the first grade worse than the second?"""
    order = list(Grade)
    return order.index(one) < order.index(other)


def sales_drop(months: Sequence[tuple[str, int]]) -> Decimal | None:
    """Return by what share the latest three months' sales fell below the same months a year before.

    ``months`` are (``2019-07``, fen), the oldest first, without a hole. None where a month is not there or the year
    before was not above zero. Below zero where sales rose.
    """
    if len(months) < YEAR + RECENT_MONTHS:
        return None
    recent = sum(fen for _, fen in months[-RECENT_MONTHS:])
    before = sum(fen for _, fen in months[-YEAR - RECENT_MONTHS : -YEAR])
    return None if before <= 0 else (1 - Decimal(recent) / Decimal(before)).quantize(Decimal("0.000001"))


def guarantees_to_capital(guaranteed_fen: int, capital_fen: int | None) -> Decimal | None:
    """Return how many times its capital a firm has guaranteed for others; None where its capital is not known.

    Who is known to have none is measured against one fen: any guarantee is too much for it.
    """
    if capital_fen is None or guaranteed_fen == 0:
        return None
    return (Decimal(guaranteed_fen) / max(capital_fen, 1)).quantize(Decimal("0.01"))


def evidence(signal: Signal, value: Decimal) -> str:
    """Return the sentence that says what was seen."""
    shown = (value / signal.scale).quantize(Decimal("0.1"))
    return signal.evidence.format(value=f"{shown.normalize():f}")
