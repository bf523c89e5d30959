"""What was agreed about a debt, and one line of its schedule."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal
from finmart.kit.money import MOST_FEN

MOST_MONTHS = 600
MOST_RATE = Decimal(10)


class RepaymentMethod(Code):
    BULLET = "BULLET", "到期还本付息"
    EQUAL_INSTALMENT = "EQUAL_INSTALMENT", "等额本息"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL", "等额本金"
    INTEREST_FIRST = "INTEREST_FIRST", "先息后本"

    @property
    def is_amortising(self) -> bool:
        """Does every instalment repay principal?"""
        return self in {RepaymentMethod.EQUAL_INSTALMENT, RepaymentMethod.EQUAL_PRINCIPAL}


class DayCount(Code):
    """How the days of a period become a share of a year."""

    ACT_360 = "ACT_360", "实际天数/360"
    ACT_365 = "ACT_365", "实际天数/365"
    THIRTY_360 = "THIRTY_360", "每月30天/360"


@dataclass(frozen=True, slots=True)
class Terms:
    """An amount lent on ``started_on`` for whole ``months``. ``annual_rate`` 0.0435 means 4.35 % a year, nominal.

    ``due_day`` 1–31 (a shorter month: its last day); 0 takes the day of the start. Raises Refusal for absurd terms.
    """

    principal_fen: int
    annual_rate: Decimal
    method: RepaymentMethod
    day_count: DayCount
    started_on: date
    months: int
    due_day: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.principal_fen <= MOST_FEN:
            raise Refusal("本金必须大于零且在可受理范围内", field="principal")
        if not (self.annual_rate.is_finite() and 0 <= self.annual_rate <= MOST_RATE):
            raise Refusal("年利率不能为负，也不能超出可受理范围", field="annual_rate", remedy="4.35% 请填写 4.35")
        if not 1 <= self.months <= MOST_MONTHS:
            raise Refusal(f"期限应在 1 至 {MOST_MONTHS} 个月之间", field="months")
        if not 0 <= self.due_day <= 31:
            raise Refusal("还款日应在 1 至 31 日之间", field="due_day")

    @property
    def day_due(self) -> int:
        """Return the day of the month on which instalments fall due."""
        return self.due_day or self.started_on.day


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is due on one day. Interest runs from ``from_on`` (included) to ``due_on`` (excluded).

    ``balance_fen`` is the principal still owed after this instalment.
    """

    number: int
    from_on: date
    due_on: date
    principal_fen: int
    interest_fen: int
    balance_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.interest_fen
