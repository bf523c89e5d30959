"""The one source of the present moment.

Stories about the past (``FINMART_CLOCK=2020-03-02T09:00:00+08:00``) shift it for a whole process; tests shift it
for a block. The shift is an offset, so that time still runs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
_shift: ContextVar[timedelta | None] = ContextVar("clock_shift", default=None)


@cache
def _process_shift() -> timedelta:
    seconds = os.environ.get("FINMART_CLOCK_SHIFT_SECONDS")
    if seconds:
        return timedelta(seconds=float(seconds))
    wanted = os.environ.get("FINMART_CLOCK")
    return datetime.fromisoformat(wanted) - datetime.now(UTC) if wanted else timedelta()


def shift() -> timedelta:
    """Return how far this platform's clock stands from the machine's."""
    chosen = _shift.get()
    return _process_shift() if chosen is None else chosen


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC) + shift()


def today() -> date:
    """Return the calendar day in the city's time zone."""
    return now().astimezone(CITY_ZONE).date()


def on_machine(moment: datetime) -> datetime:
    """Return when ``moment`` comes on the machine's own clock, for jobs scheduled outside this process."""
    return moment - shift()


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Run a block as if it began at ``moment`` (aware)."""
    token = _shift.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _shift.reset(token)
