"""Putting many facts into the store at once. What is known stays as it is; what changes is kept as known then."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb

from finmart.kit import rowpolicies

_CHUNK = 1 << 20
_STAGE = """
DROP TABLE IF EXISTS pg_temp.profiles_stage;
CREATE TEMPORARY TABLE profiles_stage (
  organisation_id bigint, fact_type varchar(60), as_of_on date, number numeric(24,6), content jsonb,
  known_at timestamptz, source varchar(120), grade smallint
) ON COMMIT DROP;
"""
_COPY = """
COPY pg_temp.profiles_stage (organisation_id, fact_type, as_of_on, number, content, known_at, source, grade) FROM STDIN
"""
# The trigger on the table keeps what a new value takes the place of.
_UPSERT = """
INSERT INTO profiles_fact AS known (organisation_id, fact_type, as_of_on, number, content, known_at, source, grade)
SELECT organisation_id, fact_type, as_of_on, number, content, known_at, source, grade
FROM pg_temp.profiles_stage ORDER BY organisation_id, fact_type, as_of_on
ON CONFLICT (organisation_id, fact_type, as_of_on) DO UPDATE
SET number = excluded.number, content = excluded.content, known_at = excluded.known_at, source = excluded.source,
    grade = excluded.grade
WHERE (known.number, known.content, known.source) IS DISTINCT FROM (excluded.number, excluded.content, excluded.source)
"""
STAGED = ("organisation_id", "fact_type", "as_of_on", "number", "content", "known_at", "source", "grade")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as the table holds it."""

    organisation_id: int
    fact_type: str
    as_of_on: date
    number: Decimal | None
    content: Any
    source: str
    grade: int


def store_facts(rows: Iterable[FactRow], known_at: datetime) -> int:
    """Insert or replace facts, one per firm, type and day; return how many are new or changed."""
    with rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for row in rows:
                content = None if row.content is None else Jsonb(row.content)
                copy.write_row(
                    (row.organisation_id, row.fact_type, row.as_of_on, row.number, content, known_at, row.source,
                     row.grade)
                )  # fmt: skip
        cursor.execute(_UPSERT)
        return int(cursor.rowcount)


def store_frame(facts: pl.DataFrame) -> int:
    """Do what :func:`store_facts` does for a frame with the columns STAGED, ``content`` as JSON text."""
    with rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        copy_in(
            cursor, f"COPY pg_temp.profiles_stage ({', '.join(STAGED)}) FROM STDIN (FORMAT csv)", facts.select(STAGED)
        )
        cursor.execute(_UPSERT)
        return int(cursor.rowcount)


def copy_in(cursor: CursorWrapper, statement: str, rows: pl.DataFrame) -> None:
    """Send a frame as the CSV that a COPY … FROM STDIN (FORMAT csv) statement awaits."""
    text = io.BytesIO()
    rows.write_csv(text, include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.f%:z")
    view = text.getbuffer()
    with cursor.copy(statement) as copy:
        for start in range(0, len(view), _CHUNK):
            copy.write(bytes(view[start : start + _CHUNK]))
