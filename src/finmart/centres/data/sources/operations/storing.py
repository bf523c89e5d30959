"""Moving a million rows: COPY into a table of the session, then one statement into the store."""

import io

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from finmart.centres.data.sources.models import Load
from finmart.kit import rowpolicies, transactions

_CHUNK = 1 << 20
_STAGE = """
DROP TABLE IF EXISTS pg_temp.sources_stage;
CREATE TEMPORARY TABLE sources_stage (
  organisation_id bigint, direction varchar(3), number varchar(24), issued_on date, counterparty varchar(120),
  amount_fen bigint, tax_fen bigint, total_fen bigint, is_void boolean, adds_up boolean
) ON COMMIT DROP;
"""
# chr(31), the unit separator, stands in none of the fields: two rows with the same key are the same row.
_KEY = """encode(substring(sha256(convert_to(concat_ws(chr(31), organisation_id, direction, number, issued_on,
  counterparty, amount_fen, tax_fen, total_fen, {is_void}), 'UTF8')) for 16), 'hex')::uuid"""
_INSERT = f"""
INSERT INTO sources_invoice (content_key, organisation_id, load_id, direction, number, issued_on, counterparty,
                             amount_fen, tax_fen, total_fen, is_void, is_effective, adds_up)
SELECT {_KEY.format(is_void="is_void")},
       organisation_id, %s, direction, number, issued_on, counterparty,
       amount_fen, tax_fen, total_fen, is_void, NOT is_void, adds_up
FROM pg_temp.sources_stage
ON CONFLICT (content_key) DO NOTHING
"""  # noqa: S608 - made of constants
# A void row names its valid twin by the key the twin must have.
_SETTLE_TWINS = f"""
UPDATE sources_invoice AS valid SET is_effective = false
FROM (SELECT {_KEY.format(is_void="false")} AS twin_key
      FROM sources_invoice WHERE is_void AND organisation_id = ANY(%s)) AS void
WHERE valid.content_key = void.twin_key AND valid.is_effective AND valid.organisation_id = ANY(%s)
"""  # noqa: S608 - made of constants
# Any numbers, as long as nothing else locks them.
_REGISTERING = 7_301_002
_STORING = 7_301_003
STAGED = (
    "organisation_id", "direction", "number", "issued_on", "counterparty",
    "amount_fen", "tax_fen", "total_fen", "is_void", "adds_up",
)  # fmt: skip


def store_invoices(kept: pl.DataFrame, organisations: dict[str, int], load: Load) -> int:
    """Store the rows not yet known and return how many they are. ``organisations`` maps ``enterprise`` to ids.

    A valid row whose void twin is known (in this file or an earlier one) no longer counts.
    """
    ids = pl.DataFrame(
        {"enterprise": list(organisations), "organisation_id": list(organisations.values())},
        schema={"enterprise": pl.String, "organisation_id": pl.Int64},
    )
    rows = kept.join(ids, on="enterprise").select(STAGED)
    with rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(f"COPY pg_temp.sources_stage ({', '.join(STAGED)}) FROM STDIN (FORMAT csv)") as copy:
            text = io.BytesIO()
            rows.write_csv(text, include_header=False)
            view = text.getbuffer()
            for start in range(0, len(view), _CHUNK):
                copy.write(bytes(view[start : start + _CHUNK]))
        cursor.execute("ANALYZE pg_temp.sources_stage")
        _wait_for_other_loads(cursor, set(organisations.values()))
        cursor.execute(_INSERT, [load.pk])
        stored = int(cursor.rowcount)
        if stored:
            _settle_twins(cursor, sorted(set(organisations.values())))
    return stored


def _settle_twins(cursor: CursorWrapper, organisations: list[int]) -> None:
    """Have valid rows with a void twin count no more."""
    cursor.execute("SET LOCAL work_mem = '128MB'")
    with transactions.many_rows():
        cursor.execute(_SETTLE_TWINS, [organisations, organisations])


def _wait_for_other_loads(cursor: CursorWrapper, organisations: set[int]) -> None:
    """Have one load at a time write a firm's invoices: two with the same rows in another order would lock both.

    A load of one firm goes on beside those of other firms; a load of several waits until no other is writing.
    """
    if len(organisations) == 1:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_STORING])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_STORING, next(iter(organisations)) % 2**31])
    else:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_STORING])


def wait_for_registering() -> None:
    """Let only one load at a time register firms, to the end of the transaction: the next one then finds them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTERING])
