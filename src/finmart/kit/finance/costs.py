"""The all-in annual rate: every payment and every fee in, by the internal rate of return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyxirr

from finmart.kit.errors import Refusal
from finmart.kit.finance.days import month_of
from finmart.kit.finance.schedules import MONTHS_A_YEAR
from finmart.kit.finance.terms import Instalment

_PLACES = Decimal("0.00000001")
_SCALE = 10_000.0  # the solver stops at an absolute error and gives up on flows of 10^11: all are scaled to one size


@dataclass(frozen=True, slots=True)
class Fee:
    """Whatever the borrower pays beside principal and interest; negative where it gets back (a subsidy)."""

    on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class AnnualCost:
    """Three readings of one cost, as shares (0.0444 is 4.44 %).

    ``compound`` (1 + monthly IRR)^12 - 1 is the one to show and compare; ``simple`` is 12 times the monthly IRR and
    must be named simple where it is shown; ``dated`` is XIRR on the calendar days (actual/365).
    """

    compound: Decimal
    simple: Decimal
    dated: Decimal


def annual_cost(
    principal_fen: int, instalments: Sequence[Instalment], *, started_on: date, fees: Sequence[Fee] = ()
) -> AnnualCost:
    """Return the all-in annual rate of an amount lent on ``started_on`` and repaid by ``instalments``.

    A fee counts in the calendar month it is paid in, one paid on the first day reduces what was lent. Raises Refusal
    where fees eat the whole amount, so that no rate exists.
    """
    paid_fen = [(line.due_on, line.total_fen) for line in instalments] + [(fee.on, fee.amount_fen) for fee in fees]
    flows = [(started_on, _SCALE), *((day, -amount * _SCALE / principal_fen) for day, amount in paid_fen)]
    start = month_of(started_on)
    monthly = [0.0] * (max(month_of(day) for day, _ in flows) - start + 1)
    for day, amount in flows:
        monthly[month_of(day) - start] += amount
    period = _solved(pyxirr.irr(monthly, silent=True))
    dated = _solved(pyxirr.xirr([day for day, _ in flows], [amount for _, amount in flows], silent=True))
    return AnnualCost(
        compound=_share((1 + period) ** MONTHS_A_YEAR - 1),
        simple=_share(period * MONTHS_A_YEAR),
        dated=_share(dated),
    )


def _solved(rate: float | None) -> float:
    if rate is None:
        raise Refusal("按所填费用无法计算综合年化成本", field="fees", remedy="请核对费用是否超过本金")
    return rate


def _share(rate: float) -> Decimal:
    return Decimal(rate).quantize(_PLACES)
