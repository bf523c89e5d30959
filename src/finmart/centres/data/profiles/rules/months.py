"""Months as whole numbers: year × 12 + month − 1, so that distances are differences."""

from datetime import date, timedelta


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def latest_complete_month(day: date) -> int:
    """Return the month of ``day`` if that is its month's end, else the month before."""
    return month_of(day + timedelta(days=1)) - 1


def written(month: int) -> str:
    """Return ``2019-07``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
