"""Paying before it is due: interest to the day, then the same schedule shorter or lighter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal
from finmart.kit.finance.schedules import interest_of_period, spread
from finmart.kit.finance.terms import Instalment, RepaymentMethod, Terms


class PrepaymentMode(Code):
    """What becomes of the schedule after a part was prepaid."""

    LOWER = "LOWER", "期限不变，减少每期还款"
    SHORTEN = "SHORTEN", "每期还款不变，缩短期限"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a debt stands: principal owed, day up to which interest is settled, instalments still to come."""

    balance_fen: int
    settled_to: date
    remaining: Sequence[Instalment]


@dataclass(frozen=True, slots=True)
class Prepaid:
    """The effect of a prepayment. ``payable_fen`` (principal and interest to the day) is what must come in."""

    interest_fen: int
    principal_fen: int
    instalments: Sequence[Instalment]

    @property
    def payable_fen(self) -> int:
        return self.principal_fen + self.interest_fen


def interest_to(terms: Terms, standing: Standing, on: date) -> int:
    """Return the interest that has run from the latest settled day to ``on`` (not counted), in fen."""
    if on < standing.settled_to:
        raise Refusal("提前还款日不能早于上一结息日", field="on")
    return interest_of_period(terms, standing.balance_fen, standing.settled_to, on)


def prepay(terms: Terms, standing: Standing, on: date, principal_fen: int, mode: PrepaymentMode) -> Prepaid:
    """Return what prepaying ``principal_fen`` on a day costs and the schedule that is left (empty: all is paid).

    The interest of the whole balance is settled to that day. Raises Refusal for an amount above the balance, and
    where an instalment is already due on or before the day: that one is paid first.
    """
    if not 0 < principal_fen <= standing.balance_fen:
        raise Refusal("提前归还的本金应大于零且不超过剩余本金", field="amount")
    if standing.remaining and standing.remaining[0].due_on <= on:
        raise Refusal("有已到期的应还款项", field="on", remedy="请先归还到期款项，再办理提前还款")
    left_fen = standing.balance_fen - principal_fen
    dates = [line.due_on for line in standing.remaining]
    keep_fen = _kept(terms, standing.remaining) if mode is PrepaymentMode.SHORTEN else None
    lines = spread(terms, left_fen, on, dates, keep_fen=keep_fen) if left_fen else []
    return Prepaid(interest_to(terms, standing, on), principal_fen, lines)


def _kept(terms: Terms, remaining: Sequence[Instalment]) -> int | None:
    """Return what SHORTEN keeps; None under the methods whose one principal payment has nothing to shorten.

    The second of the remaining lines is read, the first may belong to a broken period.
    """
    line = remaining[min(1, len(remaining) - 1)]
    if terms.method is RepaymentMethod.EQUAL_INSTALMENT:
        return line.total_fen
    return line.principal_fen if terms.method is RepaymentMethod.EQUAL_PRINCIPAL else None
