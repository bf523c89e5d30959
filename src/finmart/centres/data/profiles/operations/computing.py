"""Facts from invoices, for all firms at once; only the months that new invoices fall into are summed up anew."""

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date
from typing import Any

import polars as pl

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.operations import summarising
from finmart.centres.data.profiles.operations.storing import store_frame
from finmart.centres.data.profiles.rules.from_invoices import (
    NETWORK_NUMBERS,
    NUMBERS,
    SERIES,
    TIES,
    facts_from,
    facts_of,
    network_from,
)
from finmart.centres.data.profiles.rules.summaries import FIRM
from finmart.centres.data.profiles.types import FACT_TYPES, ProfilesAct
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, rowpolicies, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

SOURCE = "增值税发票"
MANY_FIRMS = 100  # fewer are found one by one in the indexes, however large the city: a default of ours
_PLACES = 6


def compute(actor: Actor, organisation_ids: Iterable[int] | None = None, as_of_on: date | None = None) -> int:
    """Compute every invoice fact of these firms (None: all) and return how many facts are new or changed.

    ``as_of_on`` None means the day of their newest invoice; windows end with the latest complete month. Firms that
    trade with a partner of whom new invoices tell have what depends on it computed anew, too. A fact that cannot be
    known is stored as missing, so that no older value passes for today's. Raises AccessDenied.
    """
    transactions.require()
    if not policies.can_compute(actor):
        raise AccessDenied("您无权计算企业画像")
    with rowpolicies.upkeep():
        return _compute(actor, organisation_ids, as_of_on)


def _compute(actor: Actor, organisation_ids: Iterable[int] | None, as_of_on: date | None) -> int:
    ids = None if organisation_ids is None else sorted(set(organisation_ids))
    newest = sources_queries.latest_invoice_on(ids)
    if newest is None:
        return 0
    firms = sources_queries.firms_with_invoices(ids)
    day = as_of_on or newest
    summarising.wait_for_others()
    with transactions.many_rows() if len(firms) >= MANY_FIRMS else nullcontext():
        partners = summarising.catch_up(firms)
        changed = _store(_computed(firms, day, newest), (*NUMBERS, *SERIES, *TIES), day)
        if partners:
            changed += _tell_neighbours(partners, firms)
    audit_operations.record(actor, ProfilesAct.FACTS_COMPUTE, firms=len(firms), facts=changed, as_of_on=day.isoformat())
    return changed


def _computed(firms: Sequence[int], day: date, newest: date) -> pl.DataFrame:
    if day < newest:  # the months in store hold later invoices
        totals = sources_queries.partner_totals_as_known(firms, issued_by=day, known_by=clock.now())
        return facts_of(sources_queries.invoice_frame(firms), day, totals)
    summaries, totals = summarising.summaries_for(firms), summarising.totals_for(firms)
    return facts_from(summaries, _listed(firms), day, totals)


def _tell_neighbours(partners: Sequence[str], firms: Sequence[int]) -> int:
    """Compute anew what depends on others' invoices for firms that share a partner, as of the day they had."""
    changed = 0
    for day, others in summarising.neighbours_of(partners, firms, NETWORK_NUMBERS[0]).items():
        summaries, totals = summarising.summaries_for(others), summarising.totals_for(others)
        changed += _store(network_from(summaries, _listed(others), day, totals), NETWORK_NUMBERS, day)
    return changed


def _listed(firms: Sequence[int]) -> pl.DataFrame:
    return pl.DataFrame({FIRM: firms}, schema={FIRM: pl.Int64})


def _store(facts: pl.DataFrame, codes: Iterable[str], day: date) -> int:
    known_at = clock.now()
    parts = [_column(facts, code) for code in codes]
    grades = {code: FACT_TYPES[code].grade for code in FACT_TYPES}
    rows = pl.concat(parts).with_columns(
        pl.lit(day).alias("as_of_on"),
        pl.lit(known_at).alias("known_at"),
        pl.lit(SOURCE).alias("source"),
        pl.col("fact_type").replace_strict(grades, return_dtype=pl.Int16).alias("grade"),
    )
    return store_frame(rows)


def _column(facts: pl.DataFrame, code: str) -> pl.DataFrame:
    if code in SERIES:
        number, content = pl.lit(None, pl.Float64), _written(facts[code], ("month", "fen"))
    elif code in TIES:
        number, content = pl.lit(None, pl.Float64), _written(facts[code], ("name", "share"))
    else:
        number, content = pl.col(code).cast(pl.Float64), pl.Series([None] * facts.height, dtype=pl.String)
    return facts.select(FIRM, pl.lit(code).alias("fact_type"), number.alias("number"), content.alias("content"))


def _written(lists: pl.Series, names: tuple[str, str]) -> pl.Series:
    return pl.Series([_json(rows, names) for rows in lists.to_list()], dtype=pl.String)


def _json(rows: list[dict[str, Any]] | None, names: tuple[str, str]) -> str | None:
    if rows is None:
        return None
    return json.dumps([[_plain(row[name]) for name in names] for row in rows], ensure_ascii=False)


def _plain(value: Any) -> Any:
    return round(value, _PLACES) if isinstance(value, float) else value
