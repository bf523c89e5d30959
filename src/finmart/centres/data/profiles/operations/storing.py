"""Putting many facts into the store at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

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
# What is known already stays as it is, so that computing the same invoices again changes nothing.
_UPSERT = """
INSERT INTO profiles_fact AS known (organisation_id, fact_type, as_of_on, number, content, known_at, source, grade)
SELECT organisation_id, fact_type, as_of_on, number, content, known_at, source, grade
FROM pg_temp.profiles_stage ORDER BY organisation_id, fact_type, as_of_on
ON CONFLICT (organisation_id, fact_type, as_of_on) DO UPDATE
SET number = excluded.number, content = excluded.content, known_at = excluded.known_at, source = excluded.source,
    grade = excluded.grade
WHERE (known.number, known.content, known.source) IS DISTINCT FROM (excluded.number, excluded.content, excluded.source)
"""


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
    with connection.cursor() as cursor:
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
