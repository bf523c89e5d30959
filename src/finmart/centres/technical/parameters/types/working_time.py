"""Working time, as pure arithmetic on days that the operator keeps.

On the city's clock every working day is 24 hours of working time and every other day is none. So three working
days from Friday 15:00 end on Wednesday 15:00, and one working day from a Saturday ends when Monday ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from finmart.kit.codes import Code

CITY_ZONE: Final = ZoneInfo("Asia/Shanghai")
SATURDAY: Final = 5
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=36_600)


class Unit(Code):
    """In what a deadline is counted. Calendar days and hours run through nights and holidays."""

    CALENDAR_DAYS = "CALENDAR_DAYS", "个自然日"
    HOURS = "HOURS", "小时"
    WORKING_DAYS = "WORKING_DAYS", "个工作日"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: ``exceptions`` (holidays False, make-up working days True) over Monday to Friday.

    ``announced_through`` is the latest year whose holidays are published; later years know their weekends only.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    announced_through: int = 0

    def is_working(self, on: date) -> bool:
        found = self.exceptions.get(on)
        return on.weekday() < SATURDAY if found is None else found

    def is_announced(self, on: date) -> bool:
        """Is the day's year published, or the day itself set?"""
        return on.year <= self.announced_through or on in self.exceptions

    def add(self, moment: datetime, amount: float, unit: Unit) -> datetime:
        """Return the earliest moment ``amount`` units after ``moment`` (aware), in its time zone.

        ``amount`` may be a fraction, so that what was left of a paused clock can be added again. Raises ValueError
        for a naive moment, a negative amount or more than a hundred years.
        """
        _require_aware(moment)
        length = amount * (HOUR if unit is Unit.HOURS else DAY)
        if not timedelta() <= length <= LONGEST:
            raise ValueError(f"a deadline of {amount} {unit} is out of range")
        if unit is not Unit.WORKING_DAYS or not length:
            return moment + length
        return self._after_working_time(moment, length)

    def between(self, start: datetime, end: datetime, unit: Unit) -> float:
        """Return how many units of time passed from ``start`` to ``end`` (aware); negative where ``end`` is earlier.

        ``between(start, add(start, amount, unit), unit) == amount`` for every whole amount.
        """
        _require_aware(start)
        _require_aware(end)
        if end < start:
            return -self.between(end, start, unit)
        if unit is Unit.WORKING_DAYS:
            return self._working_time(start, end) / DAY
        return (end - start) / (HOUR if unit is Unit.HOURS else DAY)

    def _after_working_time(self, moment: datetime, length: timedelta) -> datetime:
        cursor = moment.astimezone(CITY_ZONE).replace(tzinfo=None)
        while True:
            midnight = datetime.combine(cursor.date() + DAY, time.min)
            left = midnight - cursor if self.is_working(cursor.date()) else timedelta()
            if length <= left:
                return (cursor + length).replace(tzinfo=CITY_ZONE).astimezone(moment.tzinfo)
            length -= left
            cursor = midnight

    def _working_time(self, start: datetime, end: datetime) -> timedelta:
        first, final = (moment.astimezone(CITY_ZONE).replace(tzinfo=None) for moment in (start, end))
        if first.date() == final.date():
            return final - first if self.is_working(first.date()) else timedelta()
        total = timedelta()
        if self.is_working(first.date()):
            total += datetime.combine(first.date() + DAY, time.min) - first
        if self.is_working(final.date()):
            total += final - datetime.combine(final.date(), time.min)
        return total + DAY * self._working_days_between(first.date() + DAY, final.date())

    def _working_days_between(self, first: date, before: date) -> int:
        days = (before - first).days
        weeks, rest = divmod(days, 7)
        plain = weeks * 5 + sum((first + DAY * n).weekday() < SATURDAY for n in range(rest))
        for on, is_working in self.exceptions.items():
            if first <= on < before:
                plain += is_working - (on.weekday() < SATURDAY)
        return plain


def _require_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no working day")
