"""What invoices say of firms, computed as it is asked for: for models, back-tests and days gone by."""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.profiles.rules import from_invoices
from finmart.centres.data.sources import queries as sources_queries
from finmart.kit.actor import Actor


def features_of(invoices: pl.DataFrame, as_of_on: date) -> pl.DataFrame:
    """Return one row per firm and a column per invoice fact, from a frame of invoices issued up to a day.

    See ``rules.from_invoices.facts_of``; reads no store, so it needs no leave. ``organisation_id`` may be of any type.
    """
    return from_invoices.facts_of(invoices, as_of_on)


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
