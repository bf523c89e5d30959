"""Judging what a feed brings: its columns, its records, its rhythm. Pure: no Django, no clock."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from finmart.centres.data.sources.types import Column, ColumnKind, FeedHealth, FeedState

# Defaults of ours: how long a feed that failed is left alone, doubling with every failure.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
FIRST_DAY = date(1994, 1, 1)
LONGEST_KEY = 80
LONGEST_TEXT = 200
_CREDIT_CODE = re.compile(r"^[0-9A-Z]{18}$")
_PLAIN_AMOUNT = re.compile(r"^-?\d{1,15}(\.\d{1,2})?$")
_KEYS = ("key", "credit_code", "as_of_on")


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record whose key, firm and day can be read; ``content`` holds the agreed columns as they came."""

    key: str
    credit_code: str
    as_of_on: date
    content: dict[str, Any]
    replaces: str


def drift_of(agreed: Sequence[Column], offered: Sequence[tuple[str, str]]) -> str:
    """Return one sentence where agreed columns are missing or of another kind, empty where all are there.

    ``offered`` holds (name, kind). Columns nobody agreed on do no harm and are left where they are.
    """
    kinds = dict(offered)
    known = {column.name for column in agreed}
    missing = [column for column in agreed if column.name not in kinds]
    new = [name for name, _ in offered if name not in known and name not in _KEYS and name != "replaces"]
    retyped = [column for column in agreed if column.name in kinds and kinds[column.name] != column.kind]
    parts = []
    if missing:
        parts.append(f"缺少列{_named(missing)}")
        if new:
            parts.append(f"多出列 {'、'.join(new[:5])}（可能是改名）")
    parts += [
        f"列“{column.label}”（{column.name}）由{column.kind.label}变为 {kinds[column.name][:20]}" for column in retyped
    ]
    return "，".join(parts)


def _named(columns: Sequence[Column]) -> str:
    return "、".join(f"“{column.label}”（{column.name}）" for column in columns)


def read_record(record: Mapping[str, Any], columns: Sequence[Column], today: date) -> ReadRecord | None:
    """Return a record with what tells it apart, None where key, firm or day cannot be read or the day is to come."""
    key, code, replaces = record.get("key"), record.get("credit_code"), record.get("replaces") or ""
    day = _day(record.get("as_of_on"))
    if not (isinstance(key, str) and 0 < len(key) <= LONGEST_KEY and isinstance(replaces, str)):
        return None
    if not (isinstance(code, str) and _CREDIT_CODE.match(code)) or day is None or not FIRST_DAY <= day <= today:
        return None
    content = {column.name: _keepable(record.get(column.name)) for column in columns}
    return ReadRecord(key, code, day, content, replaces[:LONGEST_KEY])


def _keepable(raw: Any) -> Any:
    """Return a value as the store can hold it: what is no plain value is kept as a text nobody will take for one."""
    if raw is None or isinstance(raw, bool | int) or (isinstance(raw, float) and math.isfinite(raw)):
        return raw
    return str(raw).replace("\x00", "\N{REPLACEMENT CHARACTER}")[: LONGEST_TEXT + 1]


class Unreadable(ValueError):
    """A value that is none of its column's kind."""


def value_of(kind: ColumnKind, raw: Any) -> int | Decimal | str | bool | date | None:
    """Return what a value says: amounts in fen, None where the supplier says nothing. Raises Unreadable.

    Nothing is guessed: a text where a number was agreed is unreadable, and never zero.
    """
    if raw is None or raw == "":
        return None
    found: int | Decimal | str | bool | date | None = None
    match kind:
        case ColumnKind.BOOLEAN if isinstance(raw, bool):
            return raw
        case ColumnKind.INTEGER if type(raw) is int and abs(raw) < 10**17:
            return raw
        case ColumnKind.DECIMAL:
            found = _decimal(raw)
        case ColumnKind.YUAN if isinstance(raw, str) and _PLAIN_AMOUNT.match(raw):
            found = int(Decimal(raw) * 100)
        case ColumnKind.DATE:
            found = _day(raw)
        case ColumnKind.TEXT if isinstance(raw, str) and len(raw) <= LONGEST_TEXT and "\x00" not in raw:
            found = raw.strip() or None
            if found is None:
                return None
    if found is None:
        raise Unreadable(str(raw)[:40])
    return found


def is_usable(kind: ColumnKind, raw: Any) -> bool:
    """Can the value be read, or does it say nothing?"""
    try:
        value_of(kind, raw)
    except Unreadable:
        return False
    return True


def _decimal(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        found = Decimal(str(raw))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**17 else None


def _day(raw: Any) -> date | None:
    if not isinstance(raw, str) or len(raw) != len("2026-10-31"):
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def pause_after(failures: int) -> timedelta:
    """Return how long to leave a feed alone after so many failures in a row: 1, 2, 4 … minutes, six hours at most."""
    doublings: int = min(max(failures - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether a feed's turn has come; ``is_coming_in`` says that a batch is half received."""

    is_active: bool
    every: timedelta
    latest_success_at: datetime | None
    not_before: datetime | None
    lease_until: datetime | None
    is_coming_in: bool
    is_asked_for: bool
    waiting: int
    most_waiting: int


def is_due(standing: Standing, now: datetime) -> bool:
    """Has the feed's turn come: active, left alone long enough, nobody at it, and not too many batches waiting?"""
    if not standing.is_active or standing.waiting >= standing.most_waiting:
        return False
    if any(moment is not None and moment > now for moment in (standing.not_before, standing.lease_until)):
        return False
    latest = standing.latest_success_at
    return standing.is_coming_in or standing.is_asked_for or latest is None or latest + standing.every <= now


MANY_FAILURES = 3  # failures in a row before a source counts as down: a default of ours


def health_of(state: FeedState, failures: int, standing: Standing, now: datetime) -> FeedHealth:
    """Return how a feed does. Late means: not asked for twice its rhythm, though nothing keeps it from being asked."""
    if state is not FeedState.ACTIVE:
        return FeedHealth.PAUSED if state is FeedState.PAUSED else FeedHealth.STOPPED
    if failures:
        return FeedHealth.DOWN if failures >= MANY_FAILURES else FeedHealth.RETRYING
    if standing.waiting >= standing.most_waiting:
        return FeedHealth.HELD_UP
    if standing.latest_success_at is None:
        return FeedHealth.NEVER
    return FeedHealth.LATE if standing.latest_success_at + 2 * standing.every < now else FeedHealth.SOUND
