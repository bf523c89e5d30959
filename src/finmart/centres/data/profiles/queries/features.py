"""What invoices say of firms, computed as it is asked for: for models, back-tests and days gone by."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.profiles.rules import distinct, from_invoices, sizes
from finmart.centres.data.profiles.types import FeatureCheck
from finmart.centres.data.sources import queries as sources_queries
from finmart.kit.actor import Actor


def features_of(invoices: pl.DataFrame, as_of_on: date) -> pl.DataFrame:
    """Return one row per firm and a column per invoice fact, from a frame of invoices issued up to a day.

    See ``rules.from_invoices.facts_of``; reads no store, so it needs no leave. ``organisation_id`` may be of any type.
    """
    return from_invoices.facts_of(invoices, as_of_on)


def check_features(*invoices: pl.DataFrame) -> FeatureCheck:
    """Return whether every number is different from all others, over the firms of all these frames together.

    Each frame is a world of its own: a partner of one is nobody in another. Reads no store.
    """
    tables = [_numbers(frame) for frame in invoices]
    return distinct.check(pl.concat(tables), from_invoices.NUMBERS)


def size_needs(values: Mapping[str, object], on: date) -> tuple[str, ...]:
    """Return the facts that are missing to tell a firm's size by the rule in force; none where it can be told."""
    return sizes.size_of(values, on).missing


def _numbers(invoices: pl.DataFrame) -> pl.DataFrame:
    days = invoices["issued_on"].to_list()
    facts = from_invoices.facts_of(invoices, max(days, default=date.min))
    return facts.select(pl.col(from_invoices.NUMBERS).cast(pl.Float64))


def features_as_known(
    actor: Actor, organisation_ids: Sequence[int], *, as_of_on: date, known_by: datetime, purpose: str
) -> pl.DataFrame:
    """Return the invoice facts of firms as of a day, from what was issued by then and loaded by a moment.

    A later load, void or correction changes nothing of it. One ledger line under one of the operator's own purposes.
    Raises ConsentRequired.
    """
    consents_operations.disclose_population(actor, purpose=purpose, fact_types=list(from_invoices.NUMBERS))
    invoices = sources_queries.invoices_as_known(organisation_ids, issued_by=as_of_on, known_by=known_by)
    totals = sources_queries.partner_totals_as_known(organisation_ids, issued_by=as_of_on, known_by=known_by)
    return from_invoices.facts_of(invoices, as_of_on, totals)
