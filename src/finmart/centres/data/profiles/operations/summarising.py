"""Keeping the invoices of firms summed up by month: new invoices change the months they stand in and no other."""

import io
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from finmart.centres.data.profiles.operations.storing import copy_in
from finmart.centres.data.profiles.rules.summaries import (
    FIRM,
    MONTH,
    MONTH_COLUMNS,
    PARTNER,
    PARTNER_COLUMNS,
    SIDE,
    Summaries,
    summaries_of,
)
from finmart.centres.data.sources import queries as sources_queries

LAYOUT = 1  # raised when the columns of a summary change: all are then made anew
_ALONE = 7_301_005  # any number, as long as nothing else locks it
_SEEN = """
SELECT firm.id, coalesce(done.latest_invoice, 0) FROM unnest(%s::bigint[]) AS firm (id)
LEFT JOIN profiles_summarisedfirm AS done ON done.organisation_id = firm.id AND done.layout = %s
"""
_DONE = """
INSERT INTO profiles_summarisedfirm AS done (organisation_id, latest_invoice, latest_issued_on, layout)
SELECT organisation_id, max(newest), max(issued_on), %s
FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS news (organisation_id, newest, issued_on) GROUP BY 1
ON CONFLICT (organisation_id) DO UPDATE SET latest_invoice = excluded.latest_invoice, layout = excluded.layout,
  latest_issued_on = greatest(done.latest_issued_on, excluded.latest_issued_on)
"""
_FORGET = """
DELETE FROM profiles_{table} AS old USING unnest(%s::bigint[], %s::integer[]) AS new (organisation_id, month)
WHERE old.organisation_id = new.organisation_id AND old.month = new.month
"""
_STAGE = """
CREATE TEMPORARY TABLE {table}_stage ON COMMIT DROP AS SELECT {columns} FROM profiles_{table} WITH NO DATA;
"""
_UNSTAGE = """
INSERT INTO profiles_{table} ({columns}) SELECT {columns} FROM pg_temp.{table}_stage;
DROP TABLE pg_temp.{table}_stage;
"""
_KEYS: dict[str, pl.DataType] = {"organisation_id": pl.Int64(), "direction": pl.String(), "month": pl.Int32()}
_FIGURES = ", ".join(f"figures[{place}]" for place in range(1, len(MONTH_COLUMNS) + 1))
_MONTHS = f"""
COPY (SELECT organisation_id, direction, month, {_FIGURES} FROM profiles_monthsummary WHERE organisation_id = ANY(%s))
TO STDOUT (FORMAT csv)
"""  # noqa: S608 - numbers of our own
_PARTNERS = """
COPY (SELECT organisation_id, direction, month, counterparty, invoices, void, positive, net_fen, positive_fen
      FROM profiles_partnersummary WHERE organisation_id = ANY(%s)) TO STDOUT (FORMAT csv)
"""
_TOTALS = """
COPY (SELECT counterparty, sum(invoices), sum(void) FROM profiles_partnersummary
      WHERE counterparty IN (SELECT counterparty FROM profiles_partnersummary WHERE organisation_id = ANY(%s))
      GROUP BY counterparty) TO STDOUT (FORMAT csv)
"""
_NEIGHBOURS = """
SELECT fact.as_of_on, fact.organisation_id
FROM (SELECT organisation_id, max(as_of_on) AS as_of_on FROM profiles_fact
      WHERE fact_type = %s AND organisation_id <> ALL(%s) AND organisation_id IN (
        SELECT organisation_id FROM profiles_partnersummary WHERE counterparty = ANY(%s)) GROUP BY 1) AS fact
JOIN profiles_summarisedfirm AS done USING (organisation_id) WHERE fact.as_of_on >= done.latest_issued_on ORDER BY 1, 2
"""


def wait_for_others() -> None:
    """Let one computation at a time change summaries, to the end of the transaction: the next one then sees them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ALONE])


def catch_up(firms: Sequence[int]) -> list[str]:
    """Sum up anew every month of these firms that new invoices fall into; return the partners in those months."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [list(firms), LAYOUT])
        seen = dict(cursor.fetchall())
    news = sources_queries.months_with_news(seen)
    if not news:
        return []
    months = [(firm, month) for firm, month, *_ in news]
    if any(seen[firm] for firm, _ in months):
        invoices = sources_queries.invoices_of_months(months)
    else:  # every invoice is new
        invoices = sources_queries.invoice_frame({firm for firm, _ in months})
    found = summaries_of(invoices)
    _replace(found, months)
    firms_of, _, newest, latest = (list(column) for column in zip(*news, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [LAYOUT, firms_of, newest, latest])
    return found.partners[PARTNER].unique().to_list()


def _replace(found: Summaries, months: list[tuple[int, int]]) -> None:
    ours = [[firm for firm, _ in months], [month for _, month in months]]
    figures = [pl.col(name).cast(pl.Int64).cast(pl.String).fill_null("NULL") for name in MONTH_COLUMNS]
    written = pl.concat_str(pl.lit("{"), pl.concat_str(figures, separator=","), pl.lit("}"))
    with connection.cursor() as cursor:
        for table in ("monthsummary", "partnersummary"):
            cursor.execute(_FORGET.format(table=table), ours)
        _insert(
            cursor, "monthsummary", (FIRM, SIDE, MONTH, "figures"),
            found.months.select(FIRM, SIDE, MONTH, written.alias("figures")),
        )  # fmt: skip
        _insert(cursor, "partnersummary", (FIRM, SIDE, MONTH, PARTNER, *PARTNER_COLUMNS), found.partners)


def _insert(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: pl.DataFrame) -> None:
    """Add rows by way of a table of the session: PostgreSQL refuses COPY into a table under row policies."""
    listed = ", ".join(columns)
    cursor.execute(_STAGE.format(table=table, columns=listed))
    copy_in(cursor, f"COPY pg_temp.{table}_stage ({listed}) FROM STDIN (FORMAT csv)", rows.select(columns))
    cursor.execute(_UNSTAGE.format(table=table, columns=listed))


def summaries_for(firms: Sequence[int]) -> Summaries:
    """Return what is summed up of these firms."""
    numbers: dict[str, pl.DataType] = dict.fromkeys(MONTH_COLUMNS, pl.Int64())
    traded: dict[str, pl.DataType] = {PARTNER: pl.String(), **dict.fromkeys(PARTNER_COLUMNS, pl.Int64())}
    return Summaries(_read(_MONTHS, _KEYS | numbers, firms), _read(_PARTNERS, _KEYS | traded, firms))


def totals_for(firms: Sequence[int]) -> pl.DataFrame:
    """Return :func:`totals_of` over all firms, for the partners of these."""
    return _read(_TOTALS, {PARTNER: pl.String, "invoices": pl.Int64, "void": pl.Int64}, firms)


def neighbours_of(partners: Sequence[str], firms: Sequence[int], code: str) -> dict[date, list[int]]:
    """Return the other firms that trade with any of these partners, by the day their newest fact of a type is as of.

    Firms last computed for a day before their newest invoice are left out: their months hold what came later.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, [code, list(firms), list(partners)])
        rows = cursor.fetchall()
    found: dict[date, list[int]] = {}
    for day, firm in rows:
        found.setdefault(day, []).append(firm)
    return found


def _read(statement: str, schema: Mapping[str, pl.DataType | type[pl.DataType]], firms: Sequence[int]) -> pl.DataFrame:
    text = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(statement, [list(firms)]) as copy:
        for block in copy:
            text.write(block)
    text.seek(0)
    if not text.getbuffer().nbytes:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(text, has_header=False, new_columns=list(schema), schema=schema)
