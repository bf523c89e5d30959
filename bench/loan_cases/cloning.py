"""Finished cases by the thousand: every row one case wrote, inserted again with new keys, in SQL."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from django.apps import apps
from django.db import models
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

# Not cloned: the audit trail (its hash chain allows no row that no act wrote), the queue, sessions.
_LEFT_OUT = ("audit_", "procrastinate_", "django_", "account_", "mfa_", "axes_", "auth_")
Marks = dict[str, int]


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one table that the case wrote: ids above ``low``, up to ``high``."""

    model: type[models.Model]
    low: int
    high: int

    @property
    def table(self) -> str:
        return self.model._meta.db_table  # noqa: SLF001 - Django's documented way to a model's table

    @property
    def columns(self) -> list[models.Field[Any, Any]]:
        return list(self.model._meta.local_concrete_fields)  # noqa: SLF001


def marks(session: psycopg.Connection) -> Marks:
    """Return the highest id of every table a case may write to."""
    return {model._meta.db_table: _highest(session, model) for model in _models()}  # noqa: SLF001


def clone(session: psycopg.Connection, before: Marks, after: Marks, first: int, number: int) -> int:
    """Insert ``number`` copies of what was written between two marks, as copies ``first``, ``first + 1`` …

    Keys move by whole spans, UUIDs and unique texts become others of the same form, wherever they stand. Triggers
    stay out of it: they guard the writers, and what is copied has passed them. Returns the rows of one case.
    """
    spans = [
        Span(model, before[table], after[table])
        for model in _models()
        if after[table := model._meta.db_table] > before[table]  # noqa: SLF001
    ]
    by_table = {span.table: span for span in spans}
    tokens = sorted({token for span in spans for token in _tokens(session, span)}, key=len, reverse=True)
    written = 0
    session.execute("SET session_replication_role = replica")
    session.execute("SET maintenance_work_mem = '256MB'")
    for span in spans:
        made = _insertion(session, span, by_table, tokens)
        with _built_anew(session, span.table):
            written += session.execute(made, {"first": first, "number": number}).rowcount
    session.execute("SET session_replication_role = origin")
    for span in spans:
        session.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                sql.Literal(span.table), sql.Identifier(span.table)
            )
        )
    session.execute("VACUUM ANALYZE")
    return written // number


@contextmanager
def _built_anew(session: psycopg.Connection, table: str) -> Iterator[None]:
    """Take a table's indexes away for the block, but for its key's, and build them again: millions of rows load so."""
    found = session.execute(
        "SELECT i.indexrelid::regclass::text, c.conname, pg_get_indexdef(i.indexrelid), pg_get_constraintdef(c.oid) "
        "FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype <> 'f' "
        "WHERE i.indrelid = %s::regclass AND NOT i.indisprimary "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f')",
        [table],
    ).fetchall()
    for index, constraint, _, _ in found:
        session.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}")
    yield
    for _, constraint, index_sql, constraint_sql in found:
        session.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {constraint_sql}" if constraint else index_sql
        )


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001
        is_kept = meta.managed and not meta.db_table.startswith(_LEFT_OUT)
        if is_kept and meta.pk.get_internal_type() in {"AutoField", "BigAutoField"}:
            yield model


def _highest(session: psycopg.Connection, model: type[models.Model]) -> int:
    table = sql.Identifier(model._meta.db_table)  # noqa: SLF001
    (highest,) = session.execute(sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(table)).fetchone() or (0,)
    return int(highest)


def _tokens(session: psycopg.Connection, span: Span) -> Iterator[str]:
    """Yield the UUIDs and unique texts the case's rows are known by."""
    for field in span.columns:
        is_key = isinstance(field, models.UUIDField) or (field.unique and isinstance(field, models.CharField))
        if is_key and field.unique:
            query = sql.SQL("SELECT {}::text FROM {} WHERE id > %s AND id <= %s").format(
                sql.Identifier(str(field.column)), sql.Identifier(span.table)
            )
            yield from (row[0] for row in session.execute(query, [span.low, span.high]) if row[0])


def _insertion(session: psycopg.Connection, span: Span, by_table: dict[str, Span], tokens: list[str]) -> sql.Composed:
    columns = [sql.Identifier(str(field.column)) for field in span.columns]
    values = [_value(session, span, field, by_table, tokens) for field in span.columns]
    return sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {table} AS t "
        "CROSS JOIN generate_series(%(first)s::bigint, %(first)s::bigint + %(number)s::bigint - 1) AS k "
        "WHERE t.id > {low} AND t.id <= {high} ORDER BY k, t.id"
    ).format(
        table=sql.Identifier(span.table),
        columns=sql.SQL(", ").join(columns),
        values=sql.SQL(", ").join(values),
        low=sql.Literal(span.low),
        high=sql.Literal(span.high),
    )


def _value(
    session: psycopg.Connection,
    span: Span,
    field: models.Field[Any, Any],
    by_table: dict[str, Span],
    tokens: list[str],
) -> sql.Composable:
    column = sql.Identifier("t", str(field.column))
    target = _target(span, field, by_table)
    if target:
        moved = sql.SQL("CASE WHEN {c} > {low} THEN {c} + k * {width} ELSE {c} END")
        return moved.format(c=column, low=sql.Literal(target.low), width=sql.Literal(target.high - target.low))
    if not isinstance(field, models.UUIDField | models.CharField | models.TextField | models.JSONField):
        return column
    value: sql.Composable = sql.SQL("{}::text").format(column)
    found = [token for token in tokens if _holds(session, span, field, token)]
    for token in found:
        value = sql.SQL("replace({}, {}, {})").format(value, sql.Literal(token), _copied(token))
    kind = "jsonb" if isinstance(field, models.JSONField) else "uuid" if isinstance(field, models.UUIDField) else "text"
    return sql.SQL("({})::{}").format(value, sql.SQL(kind)) if found else column


def _target(span: Span, field: models.Field[Any, Any], by_table: dict[str, Span]) -> Span | None:
    """Return the span a key points into: the row's own for its id, another's for a foreign key."""
    if field.primary_key:
        return span
    related = field.related_model if field.is_relation else None
    return by_table.get(related._meta.db_table) if isinstance(related, type) else None  # noqa: SLF001


def _holds(session: psycopg.Connection, span: Span, field: models.Field[Any, Any], token: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE id > %s AND id <= %s AND strpos({}::text, %s) > 0)")
    composed = query.format(sql.Identifier(span.table), sql.Identifier(str(field.column)))
    (found,) = session.execute(composed, [span.low, span.high, token]).fetchone() or (False,)
    return bool(found)


def _copied(token: str) -> sql.Composable:
    """Return the SQL for what a key becomes in copy ``k``: a UUID by hash, a number with its copy behind it."""
    if len(token) == 36 and token.count("-") == 4:
        return sql.SQL("md5({} || k::text)::uuid::text").format(sql.Literal(token))
    return sql.SQL("({} || '~' || to_hex(k))").format(sql.Literal(token))
