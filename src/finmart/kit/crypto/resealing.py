"""Sealing columns anew with the current key, in batches, while others go on writing.

A row is found because its value was not made by the current key, and written only where it still is what was read:
whoever writes meanwhile wins, and writes with the current key. So a run may stop anywhere, run twice, or in parallel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps as installed
from django.db import connection, models

from finmart.kit.crypto.envelope import open_sealed, seal
from finmart.kit.crypto.fields import BlindIndex, EncryptedText, KeyedDigest
from finmart.kit.crypto.keyring import Purpose, ring

BATCH = 500
Row = tuple[int, str, str, list[Any]]  # id, value of the column, sealed source, what the source is bound to


@dataclass(frozen=True)
class Column:
    """One sealed column or blind index."""

    model: type[models.Model]
    field: EncryptedText | BlindIndex | KeyedDigest

    @classmethod
    def named(cls, model: type[models.Model], name: str) -> "Column":
        return cls(model, cast("EncryptedText | BlindIndex", _meta(model).get_field(name)))

    @property
    def purpose(self) -> Purpose:
        return Purpose.FIELDS if isinstance(self.field, EncryptedText) else Purpose.INDEX

    @property
    def source(self) -> EncryptedText:
        """The sealed field itself, or the one a blind index is of."""
        named = self.field.of if isinstance(self.field, BlindIndex) else self.field.name
        return cast("EncryptedText", _meta(self.model).get_field(named))

    @property
    def table(self) -> str:
        return _quoted(_meta(self.model).db_table)

    @property
    def name(self) -> str:
        return _quoted(self.field.attname)

    @property
    def key_id(self) -> str:
        """The SQL that tells which key made a value."""
        return f"split_part({self.name}, '.', {2 if isinstance(self.field, EncryptedText) else 1})"

    @property
    def is_held(self) -> str:
        """The SQL that tells rows with a value: an index of nothing is empty and no key made it."""
        return f"{self.name} IS NOT NULL" if isinstance(self.field, EncryptedText) else f"{self.name} <> ''"

    def __str__(self) -> str:
        return f"{_meta(self.model).label_lower}.{self.field.name}"


def columns(purpose: str) -> list[Column]:
    """Return every column of the installed models that keys of this purpose write."""
    found = [
        Column(model, field)
        for model in installed.get_models()
        for field in _meta(model).local_concrete_fields
        if isinstance(field, EncryptedText | BlindIndex)
    ]
    return sorted((one for one in found if one.purpose == purpose), key=str)


def lasting(purpose: str) -> list[Column]:
    """Return the columns of digests that no key can make anew, because what they are of is not kept."""
    found = [
        Column(model, field)
        for model in installed.get_models()
        for field in _meta(model).local_concrete_fields
        if isinstance(field, KeyedDigest)
    ]
    return sorted((one for one in found if one.purpose == purpose), key=str)


def counts(column: Column) -> dict[str, int]:
    """Return key id → how many values of a column it has made; ``""`` for values nobody sealed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column.key_id}, count(*) FROM {column.table} WHERE {column.is_held} GROUP BY 1")  # noqa: S608 - our own names
        return dict(cursor.fetchall())


def reseal(column: Column, after: int = 0, batch: int = BATCH) -> tuple[int, int | None]:
    """Bring the next stale rows behind an id to the current key, in the transaction of the caller.

    Return how many rows were changed, and behind which id to go on: None where the column is done.
    """
    stale = f"{column.is_held} AND {column.key_id} <> %s"
    rows = read(column, after, batch, stale, ring().current(column.purpose).id)
    changed = replace(column, [(row[0], row[1], _anew(column, row)) for row in rows])
    return changed, rows[-1][0] if len(rows) == batch else None


def read(column: Column, after: int, batch: int, condition: str = "true", *values: str) -> list[Row]:
    """Return the next rows behind an id, by id."""
    bound = "".join(f", {_quoted(_meta(column.model).get_field(one).column)}" for one in column.source.bound_to)
    statement = (
        f"SELECT id, {column.name}, {_quoted(column.source.attname)}{bound} FROM {column.table} "  # noqa: S608 - our own names
        f"WHERE id > %s AND {condition} ORDER BY id LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [after, *values, batch])
        return [(key, held, source, identity) for key, held, source, *identity in cursor.fetchall()]


def replace(column: Column, rows: list[tuple[int, str, str]]) -> int:
    """Write (id, old, new) where the old value still stands; return how many were written."""
    if not rows:
        return 0
    statement = (
        f"UPDATE {column.table} AS t SET {column.name} = x.new "  # noqa: S608 - our own names
        "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS x(id, old, new) "
        f"WHERE t.id = x.id AND t.{column.name} = x.old"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(one) for one in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def replace_all(column: Column, made: Callable[[Row], str | None]) -> None:
    """Write what ``made`` makes of every row of a column, None to leave it, in the transaction of the caller."""
    after = 0
    while rows := read(column, after, BATCH):
        new = [(row[0], row[1], made(row)) for row in rows]
        replace(column, [(key, old, value) for key, old, value in new if value is not None])
        after = rows[-1][0]


def _anew(column: Column, row: Row) -> str:
    _, _, sealed, identity = row
    place = column.source.place(*identity)
    plain = open_sealed(sealed, place)
    return column.field.digest(plain) if isinstance(column.field, BlindIndex) else seal(plain, place)


def _meta(model: type[models.Model]) -> Any:
    return model._meta  # noqa: SLF001 - Django's documented way to a model's columns


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
