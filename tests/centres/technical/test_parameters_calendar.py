"""Working time: sums and differences agree, and the official calendars of 2020 and 2025 are met day by day."""

import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmart.centres.technical.parameters import queries, rules
from finmart.centres.technical.parameters.types import SettingKind, UnableToSet, Unit, WorkingCalendar

CITY = ZoneInfo("Asia/Shanghai")
PACK = tomllib.loads((resources.files("finmart") / "packs/suzhou/calendar.toml").read_text(encoding="utf-8"))
DAYS = {
    on: is_working
    for year in PACK["years"]
    for word, is_working in (("holidays", False), ("make_up_days", True))
    for group in year[word]
    for on in group["days"]
}
CALENDAR = WorkingCalendar(DAYS, 2026)
HOLIDAYS = {
    2020: "01-01 01-24 01-25 01-26 01-27 01-28 01-29 01-30 01-31 02-01 02-02 04-04 04-05 04-06 05-01 05-02 05-03 05-04"
    " 05-05 06-25 06-26 06-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
    2025: "01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04 05-05 05-31"
    " 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08",
}
MAKE_UP_DAYS = {2020: "01-19 04-26 05-09 06-28 09-27 10-10", 2025: "01-26 02-08 04-27 09-28 10-11"}
moments = st.datetimes(datetime(2018, 1, 1), datetime(2028, 12, 31), timezones=st.sampled_from([CITY, UTC]))  # noqa: DTZ001 - Hypothesis adds the zone
units = st.sampled_from(list(Unit))


def _at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


@given(moments, st.integers(0, 400), units)
def test_what_was_added_is_between(moment, amount, unit):
    assert CALENDAR.between(moment, CALENDAR.add(moment, amount, unit), unit) == amount


@given(moments, st.integers(0, 40), st.integers(0, 40), units)
def test_adding_in_two_parts_is_adding_once(moment, first, second, unit):
    assert CALENDAR.add(CALENDAR.add(moment, first, unit), second, unit) == CALENDAR.add(moment, first + second, unit)


@given(moments, moments, st.integers(0, 100), units)
def test_later_starts_end_later_and_more_takes_longer(one, other, amount, unit):
    early, late = sorted([one, other])
    assert CALENDAR.add(early, amount, unit) <= CALENDAR.add(late, amount, unit)
    assert CALENDAR.add(one, amount, unit) < CALENDAR.add(one, amount + 1, unit)
    assert CALENDAR.between(early, late, unit) >= 0
    assert CALENDAR.between(late, early, unit) == -CALENDAR.between(early, late, unit)


@given(moments, moments, moments, units)
def test_times_between_add_up(one, other, third, unit):
    first, second, third_moment = sorted([one, other, third])
    parts = CALENDAR.between(first, second, unit) + CALENDAR.between(second, third_moment, unit)
    assert parts == pytest.approx(CALENDAR.between(first, third_moment, unit), abs=1e-9)


@given(moments, st.floats(0, 30), units)
def test_what_was_left_of_a_paused_clock_can_be_added_again(moment, amount, unit):
    due = CALENDAR.add(moment, amount, unit)
    again = CALENDAR.add(moment, CALENDAR.between(moment, due, unit), unit)
    assert abs(again - due) <= timedelta(microseconds=2)


@given(st.dates(date(2018, 1, 1), date(2027, 12, 31)), st.integers(0, 800))
def test_whole_working_days_are_counted_one_by_one(first, length):
    days = [first + timedelta(days=n) for n in range(length)]
    start = datetime.combine(first, datetime.min.time(), CITY)
    counted = sum(CALENDAR.is_working(on) for on in days)
    assert CALENDAR.between(start, start + timedelta(days=length), Unit.WORKING_DAYS) == counted


@pytest.mark.parametrize("year", [2020, 2025])
def test_holidays_and_make_up_days_are_the_official_ones(year):
    holidays = {date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()}
    make_up = {date.fromisoformat(f"{year}-{day}") for day in MAKE_UP_DAYS[year].split()}
    for n in range(365):
        on = date(year, 1, 1) + timedelta(days=n)
        expected = on in make_up or (on.weekday() < 5 and on not in holidays)
        assert CALENDAR.is_working(on) == expected, on


def test_the_pack_equals_its_seed():
    first = date(2018, 1, 1)
    for n in range((date(2026, 12, 31) - first).days + 1):
        on = first + timedelta(days=n)
        assert CALENDAR.is_working(on) == chinese_calendar.is_workday(on), on


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2025-09-26 15:00", 3, Unit.WORKING_DAYS, "2025-09-30 15:00"),  # Sunday 28 is made up
        ("2025-09-30 15:00", 1, Unit.WORKING_DAYS, "2025-10-09 15:00"),  # eight days of holiday
        ("2025-10-04 10:00", 1, Unit.WORKING_DAYS, "2025-10-10 00:00"),  # starts to count with the first working day
        ("2020-01-23 09:30", 2, Unit.WORKING_DAYS, "2020-02-04 09:30"),  # the prolonged Spring Festival
        ("2025-09-30 15:00", 1, Unit.CALENDAR_DAYS, "2025-10-01 15:00"),
        ("2025-09-30 15:00", 30, Unit.HOURS, "2025-10-01 21:00"),
        ("2027-02-05 12:00", 1, Unit.WORKING_DAYS, "2027-02-08 12:00"),  # not announced: the weekend only
    ],
)
def test_deadlines_by_table(start, amount, unit, end):
    assert CALENDAR.add(_at(start), amount, unit) == _at(end)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add(datetime(2025, 1, 1), 1, Unit.HOURS)  # noqa: DTZ001 - naive on purpose
    for amount in (-1, 40_000, float("nan")):
        with pytest.raises(ValueError, match=r"out of range|cannot convert"):
            CALENDAR.add(_at("2025-01-01 00:00"), amount, Unit.CALENDAR_DAYS)


@pytest.mark.django_db
def test_the_stored_calendar_is_the_pack():
    calendar = queries.working_calendar()
    assert dict(calendar.exceptions) == DAYS
    assert calendar.is_announced(date(2026, 12, 31))
    assert not calendar.is_announced(date(2027, 1, 1))


@given(st.sampled_from(list(SettingKind)), st.text(max_size=40))
def test_any_text_in_a_form_is_a_value_or_refused(kind, text):
    with suppress(UnableToSet):
        value = rules.parse(kind, text)
        assert rules.from_stored(kind, rules.to_stored(value)) == value
