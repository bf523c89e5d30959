"""Who pays what when, under the four methods. Every line is rounded half up to the fen; the latest carries the rest."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from finmart.kit.finance.days import due_dates, is_whole_month, year_share
from finmart.kit.finance.terms import DayCount, Instalment, RepaymentMethod, Terms

MONTHS_A_YEAR = 12


def whole_fen(amount: Decimal) -> int:
    """Round half up, away from zero, to whole fen."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def plan(terms: Terms) -> list[Instalment]:
    """Return the schedule as agreed: one instalment a month, or a single one under BULLET.

    The principals sum to the amount lent exactly, whatever the rounding.
    """
    return spread(terms, terms.principal_fen, terms.started_on, due_dates(terms))


def spread(
    terms: Terms, balance_fen: int, from_on: date, dates: Sequence[date], *, keep_fen: int | None = None
) -> list[Instalment]:
    """Spread what is owed on ``from_on`` over ``dates``.

    ``keep_fen`` keeps the instalment (EQUAL_INSTALMENT) or its principal (EQUAL_PRINCIPAL) of an older schedule,
    so that fewer dates may be needed.
    """
    chosen = dates[-1:] if terms.method is RepaymentMethod.BULLET else dates
    lines: list[Instalment] = []
    principals = _principals(terms, balance_fen, len(chosen), keep_fen)
    for number, (due_on, principal_fen) in enumerate(zip(chosen, principals, strict=False), start=1):
        interest_fen = interest_of_period(terms, balance_fen, from_on, due_on)
        balance_fen -= principal_fen
        lines.append(Instalment(number, from_on, due_on, principal_fen, interest_fen, balance_fen))
        from_on = due_on
    return lines


def interest_of_period(terms: Terms, balance_fen: int, from_on: date, to_on: date) -> int:
    """Return the interest on a balance: a twelfth of the rate for a whole month, else by the day count.

    INTEREST_FIRST and BULLET count the days of whole months too.
    """
    by_months = terms.method.is_amortising or terms.day_count is DayCount.THIRTY_360
    if by_months and is_whole_month(from_on, to_on, terms.day_due):
        return whole_fen(balance_fen * terms.annual_rate / MONTHS_A_YEAR)
    return whole_fen(balance_fen * terms.annual_rate * year_share(from_on, to_on, terms.day_count))


def equal_instalment(balance_fen: int, annual_rate: Decimal, count: int) -> int:
    """Return the annuity P·i / (1 - (1+i)^-n) with i a twelfth of the annual rate, rounded; P/n at zero."""
    monthly = annual_rate / MONTHS_A_YEAR
    if not monthly:
        return whole_fen(Decimal(balance_fen) / count)
    return whole_fen(balance_fen * monthly / (1 - (1 + monthly) ** -count))


def _principals(terms: Terms, balance_fen: int, count: int, keep_fen: int | None) -> Iterator[int]:
    """Yield principals, at most ``count``, that sum to the balance; broken periods change interest only."""
    if not terms.method.is_amortising:
        yield from [0] * (count - 1)
        yield balance_fen
        return
    annuity = terms.method is RepaymentMethod.EQUAL_INSTALMENT
    if keep_fen is None:
        keep_fen = (
            equal_instalment(balance_fen, terms.annual_rate, count)
            if annuity
            else whole_fen(Decimal(balance_fen) / count)
        )
        shorten = False
    else:
        shorten = True
    for left in range(count, 0, -1):
        interest_fen = whole_fen(balance_fen * terms.annual_rate / MONTHS_A_YEAR) if annuity else 0
        principal_fen = balance_fen if left == 1 else min(keep_fen - interest_fen, balance_fen)
        yield principal_fen
        balance_fen -= principal_fen
        if shorten and not balance_fen:
            return
