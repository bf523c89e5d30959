"""Due dates and day counts."""

from calendar import monthrange
from datetime import date
from decimal import Decimal

from finmart.kit.finance.terms import DayCount, Terms


def in_month(month: int, day: int) -> date:
    """Return the ``day`` of a month counted from year 0 (year * 12 + month - 1); in a shorter one its end."""
    year, zero_based = divmod(month, 12)
    return date(year, zero_based + 1, min(day, monthrange(year, zero_based + 1)[1]))


def month_of(day: date) -> int:
    """Return the month of a day, counted from year 0, as :func:`in_month` takes it."""
    return day.year * 12 + day.month - 1


def due_dates(terms: Terms) -> list[date]:
    """Return one date per month: the due day of each month after the start, the end of the term for the latest.

    Where the due day is not the day of the start, the first and the latest period are shorter or longer.
    """
    start = month_of(terms.started_on)
    monthly = [in_month(start + k, terms.day_due) for k in range(1, terms.months)]
    return [*monthly, in_month(start + terms.months, terms.started_on.day)]


def is_whole_month(from_on: date, to_on: date, due_day: int) -> bool:
    """Does the period run from one month's due day to the next month's?"""
    month = month_of(from_on)
    return from_on == in_month(month, due_day) and to_on == in_month(month + 1, due_day)


def year_share(from_on: date, to_on: date, day_count: DayCount) -> Decimal:
    """Return the share of a year between two days, the second not counted. 30/360 takes a 31st for a 30th."""
    if day_count is DayCount.THIRTY_360:
        months = month_of(to_on) - month_of(from_on)
        return Decimal(months * 30 + min(to_on.day, 30) - min(from_on.day, 30)) / 360
    return Decimal((to_on - from_on).days) / (360 if day_count is DayCount.ACT_360 else 365)
