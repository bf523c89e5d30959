"""The transaction is opened at the edge (request, job, command); whatever writes requires it and never opens one.

One act of a person touches many centres, and each of them adds its rows to the same few tables (trail, timeline,
notices) and asks for the same case and people again. So an opened transaction *gathers* rows that nobody reads before
its end and writes them together just before it commits, and *remembers* what was read in it.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.db import connection, transaction

T = TypeVar("T")


class OutsideTransaction(RuntimeError):
    """A write was tried where no transaction is open: a mistake in the code, not of the user."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    write: Callable[[list[Any]], None]
    row: Any
    is_last: bool


@dataclass(slots=True)
class _Unit:
    """What the transaction that :func:`opened` began has gathered and remembers."""

    gathered: list[_Gathered] = field(default_factory=list)
    remembered: dict[Hashable, Any] = field(default_factory=dict)

    def write(self) -> None:
        while self.gathered:
            chosen = min(self.gathered, key=lambda one: one.is_last).write
            rows = [one.row for one in self.gathered if one.write == chosen]
            self.gathered = [one for one in self.gathered if one.write != chosen]
            chosen(rows)


class _Open(threading.local):
    unit: _Unit | None = None


_open = _Open()


def require() -> None:
    """Raise :class:`OutsideTransaction` unless a transaction is open."""
    if not connection.in_atomic_block:
        raise OutsideTransaction("an operation needs the transaction its edge opens")


@contextmanager
def opened() -> Iterator[None]:
    """Open a transaction (at an edge), or a savepoint inside one: what fails in it leaves nothing, the rest stays."""
    if _open.unit is None:
        unit = _open.unit = _Unit()
        try:
            with transaction.atomic():
                yield
                unit.write()
        finally:
            _open.unit = None
        return
    unit, kept = _open.unit, len(_open.unit.gathered)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        del unit.gathered[kept:]
        unit.remembered.clear()
        raise


def gather(write: Callable[[list[T]], None], row: T, *, is_last: bool = False) -> None:
    """Have ``write`` insert the row together with all others of its kind, just before the transaction ends.

    For rows that nothing reads before that. ``is_last`` rows wait for those that the others' writing adds. In a
    transaction that was not begun by :func:`opened`, ``write`` is called at once.
    """
    if _open.unit is None:
        write([row])
    else:
        _open.unit.gathered.append(_Gathered(write, row, is_last))


@contextmanager
def many_rows() -> Iterator[None]:
    """Have the server join by hash or by sort inside the block: for statements over thousands of rows at once.

    Of a table that grew in a transaction still open, and was vacuumed meanwhile, PostgreSQL believes that it is empty.
    It then compares every row of one side with every row of the other: a matter of hours instead of a second.
    """
    require()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:  # a failure ends the transaction or its savepoint, and the setting with it
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def remembered(key: Hashable, load: Callable[[], T]) -> T:
    """Return what ``load`` returned for this key earlier in the transaction, else what it returns now.

    For readings without a lock; who writes such rows calls :func:`forget`. In a transaction that was not begun by
    :func:`opened`, nothing is remembered.
    """
    if _open.unit is None:
        return load()
    known = _open.unit.remembered
    if key not in known:
        known[key] = load()
    return cast("T", known[key])


def forget(key: Hashable) -> None:
    """Have the key read anew next time, because the row behind it was written."""
    if _open.unit is not None:
        _open.unit.remembered.pop(key, None)
