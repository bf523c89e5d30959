"""Which invoices a computed fact is made of. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from finmart.centres.data.profiles.rules.months import latest_complete_month

Sides = tuple[str, ...]
OUT: Sides = ("OUT",)
IN: Sides = ("IN",)
BEGINNING = date(1994, 1, 1)  # no invoice is older: value added tax began that year
# Facts that are sums of net amounts: their side and how many complete months they cover. A series is one sum a month.
_SUMS = {
    **{f"{name}": (side, months) for side, word in ((OUT, "sales"), (IN, "purchases")) for name, months in (
        (f"annual_{word}_fen", 12), (f"{word}_3m_fen", 3), (f"{word}_6m_fen", 6), (f"{word}_24m_fen", 24),
        (f"monthly_{word}", 24),
    )},
}  # fmt: skip
_WORDS = ((OUT, ("sales", "customer")), (IN, ("purchases", "supplier")))


@dataclass(frozen=True, slots=True)
class Inputs:
    """``is_sum``: the fact is what the effective invoices of these sides and days add up to."""

    sides: Sides
    first_on: date
    latest_on: date
    is_sum: bool


def inputs_of(code: str, as_of_on: date) -> Inputs:
    """Return which invoices the computed fact of this code reads: for a sum its months, else all up to its day."""
    if code in _SUMS:
        sides, months = _SUMS[code]
        latest = latest_complete_month(as_of_on)
        return Inputs(sides, _first_of(latest - months + 1), _first_of(latest + 1) - timedelta(days=1), is_sum=True)
    told = [side for side, words in _WORDS if any(word in code for word in words)]
    sides = told[0] if len(told) == 1 else (*IN, *OUT)
    return Inputs(sides, BEGINNING, as_of_on, is_sum=False)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
