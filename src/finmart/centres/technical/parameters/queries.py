"""Reading settings, the calendar and the city. One query each: no process keeps a copy that could grow old.

What every step of every process asks is written by hand: building the statement costs the object mapper more than
the answer.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from finmart.centres.technical.parameters import policies, rules
from finmart.centres.technical.parameters.models import CalendarDay, Setting
from finmart.centres.technical.parameters.models import Cluster as ClusterRow
from finmart.centres.technical.parameters.types import (
    Cluster,
    DayView,
    Deadline,
    District,
    ParametersAct,
    SettingKind,
    SettingOrigin,
    SettingValue,
    SettingView,
    Unit,
    WorkingCalendar,
)
from finmart.kit import clock, sql
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

ANNOUNCED_THROUGH = "calendar.announced_through"
_VALUES = """
SELECT key, kind, value, unit, is_pausable, source FROM parameters_setting
WHERE key = ANY(%(keys)s) AND withdrawn_at IS NULL AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s)
"""
_DISTRICTS = "SELECT code, name FROM parameters_district ORDER BY position"
# Days travel as ordinals, 1 being 0001-01-01. The first day is a subquery: else the statement is planned at each use.
_CALENDAR = """
SELECT (SELECT value::text::integer FROM parameters_setting
        WHERE key = %s AND withdrawn_at IS NULL AND daterange(valid_from, valid_to) @> %s::date),
       array_agg("on" - date '0001-01-01' + 1), array_agg(is_working)
FROM parameters_calendarday WHERE "on" >= (SELECT %s::date)
"""


def value(key: str, on: date | None = None) -> Any:
    """Return what ``key`` holds on a day (today where None): int, Decimal, bool, str or a tuple of str.

    Raises NotFound where the key does not exist or held nothing on that day.
    """
    return values([key], on)[key]


def values(keys: Iterable[str], on: date | None = None) -> dict[str, Any]:
    """Return key → value for all the keys in one query. Raises NotFound where one is missing."""
    wanted = set(keys)
    found = {row[0]: rules.from_stored(SettingKind(row[1]), json.loads(row[2])) for row in _stored(wanted, on)}
    _require_all(wanted, set(found))
    return found


def integer(key: str, on: date | None = None) -> int:
    """Return a value that is a whole number. Raises NotFound, and TypeError where it is of another kind."""
    found = value(key, on)
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError(f"{key} is no whole number")
    return found


def deadline(key: str, on: date | None = None) -> Deadline:
    """Return a setting as a deadline. Raises NotFound; ValueError where its unit is none of ``Unit``."""
    return deadlines([key], on)[key]


def deadlines(keys: Iterable[str], on: date | None = None) -> dict[str, Deadline]:
    """Return key → deadline for all the keys in one query. Raises as :func:`deadline`."""
    wanted = set(keys)
    found = {
        key: Deadline(int(json.loads(stored)), Unit(unit), bool(is_pausable), source)
        for key, _, stored, unit, is_pausable, source in _stored(wanted, on)
    }
    _require_all(wanted, set(found))
    return found


def settings_for(actor: Actor, on: date | None = None) -> list[SettingView]:
    """Return every setting as it stands on a day, by key. Raises AccessDenied for all but operator staff."""
    _require_reader(actor)
    return [_view(one, actor) for one in _in_force(on).order_by("key")]


def history_for(actor: Actor, key: str) -> list[SettingView]:
    """Return all versions of a setting, the latest first, withdrawn ones among them. Raises NotFound, AccessDenied."""
    _require_reader(actor)
    versions = [_view(one, actor) for one in Setting.objects.filter(key=key).order_by("-valid_from", "-pk")]
    if not versions:
        raise NotFound(f"没有参数“{key[:80]}”")
    return versions


def districts() -> list[District]:
    """Return the city's districts in the order of its pack."""
    return [District(*row) for row in sql.rows(_DISTRICTS)]


def clusters() -> list[Cluster]:
    """Return the city's industry clusters in the order of its pack."""
    return [
        Cluster(row.code, row.name, row.is_example, tuple(row.industries))
        for row in ClusterRow.objects.order_by("position")
    ]


def working_calendar(since: date = date.min) -> WorkingCalendar:
    """Return the calendar as a pure object, in one query; take it once for a list, not once for every row.

    Who counts forward from a day names it in ``since``: of earlier days only the weekday is known then.
    """
    [(announced, days, is_working)] = sql.rows(_CALENDAR, [ANNOUNCED_THROUGH, clock.today(), since])
    exceptions = dict(zip(map(date.fromordinal, days or []), is_working or [], strict=True))
    return WorkingCalendar(exceptions, announced or 0)


def is_working_day(on: date) -> bool:
    """Is this day worked in the city? Days nobody announced follow their weekday."""
    found = CalendarDay.objects.filter(on=on).values_list("is_working", flat=True).first()
    return WorkingCalendar().is_working(on) if found is None else found


def calendar_for(actor: Actor, year: int) -> list[DayView]:
    """Return every day of a year. Raises AccessDenied for all but operator staff, NotFound for an absurd year."""
    _require_reader(actor)
    if not 2000 <= year <= 2100:
        raise NotFound(f"没有 {year} 年的工作日历")
    calendar = working_calendar()
    named = {row.on: row for row in CalendarDay.objects.filter(on__year=year)}
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    return [
        DayView(
            on, calendar.is_working(on), named[on].name if on in named else "",
            named[on].source if on in named else "", calendar.is_announced(on),
        )
        for on in days
    ]  # fmt: skip


def day_for(actor: Actor, on: date) -> DayView:
    """Return one day. Raises as :func:`calendar_for`."""
    return calendar_for(actor, on.year)[on.timetuple().tm_yday - 1]


def _stored(keys: set[str], on: date | None) -> list[tuple[Any, ...]]:
    return sql.rows(_VALUES, {"keys": list(keys), "on": on or clock.today()})


def _in_force(on: date | None) -> QuerySet[Setting]:
    day = on or clock.today()
    return Setting.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), withdrawn_at=None, valid_from__lte=day)


def _value(one: Setting) -> SettingValue:
    return rules.from_stored(SettingKind(one.kind), one.value)


def _require_all(wanted: set[str], found: set[str]) -> None:
    if wanted - found:
        raise NotFound(f"参数 {'、'.join(sorted(wanted - found))} 不存在或当日未生效")


def _require_reader(actor: Actor) -> None:
    if not policies.can_read_settings(actor):
        raise AccessDenied("平台参数只对运营人员开放")


def _view(one: Setting, actor: Actor) -> SettingView:
    return SettingView(
        key=one.key, kind=SettingKind(one.kind), value=_value(one), unit=one.unit, label=one.label,
        source=one.source, is_example=one.is_example, is_pausable=one.is_pausable,
        origin=SettingOrigin(one.origin), valid_from=one.valid_from, valid_to=one.valid_to,
        minimum=one.minimum, maximum=one.maximum, set_by=one.set_by_label, withdrawn_at=one.withdrawn_at,
        acts=frozenset({ParametersAct.SETTING_SET}) if policies.can_set(actor) else frozenset(),
    )  # fmt: skip


def parse_value(kind: SettingKind, text: str) -> SettingValue:
    """Return the value a person wrote in a form. Raises UnableToSet with what is expected."""
    return rules.parse(kind, text)
