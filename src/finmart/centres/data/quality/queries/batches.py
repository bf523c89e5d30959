"""What a feed's batch says, as the tables that rules are asked of: laid over what is known of its firms."""

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES, FactKind
from finmart.centres.data.quality.rules import tables
from finmart.centres.data.quality.types import Subject
from finmart.centres.data.sources.types import SuppliedFact
from finmart.kit.actor import Actor

_NUMBERS = {FactKind.INTEGER, FactKind.DECIMAL}


def tables_of_batch(
    actor: Actor, supplied: Sequence[SuppliedFact], reads: Collection[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Return the batch as FACTS and as FIRMS, of its own firms only.

    FACTS holds its rows first (``is_new``), each with what this source said before, then what other sources say of the
    same. FIRMS holds the columns ``reads``: what the batch says, and what is known where it says nothing.
    """
    ids = sorted({one.organisation_id for one in supplied})
    newest = {(one.organisation_id, one.fact_type): one for one in sorted(supplied, key=lambda one: one.as_of_on)}
    rows = [one for one in newest.values() if one.fact_type in FACT_TYPES]
    return _facts(actor, ids, rows), _firms(actor, ids, rows, reads)


def _facts(actor: Actor, ids: list[int], rows: list[SuppliedFact]) -> pl.DataFrame:
    stored = profiles_queries.facts_by_source(ids, actor=actor, purpose=Purpose.QUALITY)
    keys = [tables.FIRM, "fact_type", "source"]
    told = pl.DataFrame(
        [
            (one.organisation_id, one.fact_type, one.source, one.as_of_on, _number(one), one.value is not None)
            for one in rows
        ],
        schema=stored.schema,
        orient="row",
    )
    before = stored.select(*keys, pl.col("number").alias("previous_number"))
    new = told.join(before, on=keys, how="left", maintain_order="left").with_columns(is_new=pl.lit(value=True))
    others = stored.join(told, on=keys, how="anti").filter(
        pl.col("fact_type").is_in(told["fact_type"].unique().to_list())
    )
    old = others.with_columns(pl.lit(None, pl.Float64).alias("previous_number"), is_new=pl.lit(value=False))
    return pl.concat([new, old.select(new.columns)])


def _firms(actor: Actor, ids: list[int], rows: list[SuppliedFact], reads: Collection[str]) -> pl.DataFrame:
    columns = tables.columns_of(Subject.FIRMS)
    wanted = [name for name in columns if name in reads]
    base = pl.DataFrame({tables.FIRM: ids}, schema={tables.FIRM: pl.Int64})
    if not wanted:
        return base
    known = profiles_queries.fact_table(wanted, actor=actor, purpose=Purpose.QUALITY, organisation_ids=ids)
    table = base.join(known, on=tables.FIRM, how="left")
    for code in wanted:
        told = {one.organisation_id: _plain(one) for one in rows if one.fact_type == code and one.value is not None}
        if told:
            said = pl.Series(code, [told.get(firm) for firm in ids], table.schema[code])
            table = table.with_columns(pl.coalesce(said, pl.col(code)).alias(code))
    days = [name for name in wanted if columns[name][0] == tables.DAY]
    return table.with_columns(pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in days)


def _number(fact: SuppliedFact) -> float | None:
    value = fact.value
    if FACT_TYPES[fact.fact_type].kind not in _NUMBERS or value is None or isinstance(value, str | bool | date):
        return None
    return float(value)


def _plain(fact: SuppliedFact) -> float | str | None:
    """Return a value as ``fact_table`` holds it; None for one that is none of its type, which becomes no fact."""
    number = _number(fact)
    if FACT_TYPES[fact.fact_type].kind in _NUMBERS:
        return number
    if isinstance(fact.value, bool):
        return "true" if fact.value else "false"
    return fact.value.isoformat() if isinstance(fact.value, date) else str(fact.value)
