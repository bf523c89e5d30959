"""The tables that rules are asked of, read from the centres that hold them, for the purpose of quality only."""

from collections.abc import Collection

import polars as pl

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.quality.rules import tables
from finmart.centres.data.quality.types import Subject
from finmart.centres.data.sources import queries as sources_queries
from finmart.kit.actor import Actor

INVOICE_FACTS = ("monthly_purchases", "monthly_sales")  # what the ledger calls a look at invoices


def table_of(
    actor: Actor, subject: Subject, firm_ids: Collection[int] | None, columns: Collection[str], load_uuid: str | None
) -> pl.DataFrame:
    """Return a subject's table, of some firms or (None) of all, with at least the columns asked for."""
    match subject:
        case Subject.INVOICES:
            consents_operations.disclose_population(actor, purpose=Purpose.QUALITY, fact_types=INVOICE_FACTS)
            return sources_queries.invoice_frame_for_checks(firm_ids)
        case Subject.LOADS:
            loads = sources_queries.load_frame()
            return loads if load_uuid is None else loads.filter(pl.col("uuid") == load_uuid)
        case Subject.FACTS:
            ids = None if firm_ids is None else sorted(firm_ids)
            facts = profiles_queries.facts_by_source(ids, actor=actor, purpose=Purpose.QUALITY)
            return facts.with_columns(pl.lit(None, pl.Float64).alias("previous_number"))
        case Subject.FIRMS:
            return _firms(actor, firm_ids, columns)


def _firms(actor: Actor, firm_ids: Collection[int] | None, columns: Collection[str]) -> pl.DataFrame:
    wanted = [name for name in tables.columns_of(Subject.FIRMS) if name in columns]
    if not wanted:
        return tables.empty(Subject.FIRMS)
    table = profiles_queries.fact_table(wanted, actor=actor, purpose=Purpose.QUALITY)
    days = [name for name in wanted if tables.columns_of(Subject.FIRMS)[name][0] == tables.DAY]
    table = table.with_columns(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in days)
    return table if firm_ids is None else table.filter(pl.col(tables.FIRM).is_in(list(firm_ids)))
