"""Facts from invoices, for all firms at once."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.operations.storing import FactRow, store_facts
from finmart.centres.data.profiles.rules.from_invoices import NUMBERS, SERIES, facts_of
from finmart.centres.data.profiles.types import FACT_TYPES, ProfilesAct
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

SOURCE = "增值税发票"
_PLACES = 6


def compute(actor: Actor, organisation_ids: Iterable[int] | None = None, as_of_on: date | None = None) -> int:
    """Compute every invoice fact of these firms (None: all) and return how many facts are new or changed.

    ``as_of_on`` None means the day of their newest invoice; windows end with the latest complete month. A fact that
    cannot be known is stored as missing, so that no older value passes for today's. Raises AccessDenied.
    """
    transactions.require()
    if not policies.can_compute(actor):
        raise AccessDenied("您无权计算企业画像")
    ids = None if organisation_ids is None else sorted(set(organisation_ids))
    day = as_of_on or sources_queries.latest_invoice_on(ids)
    if day is None:
        return 0
    facts = facts_of(sources_queries.invoice_frame(ids), day)
    changed = store_facts(_rows(facts, day), clock.now())
    audit_operations.record(
        actor, ProfilesAct.FACTS_COMPUTE, firms=facts.height, facts=changed, as_of_on=day.isoformat()
    )
    return changed


def _rows(facts: pl.DataFrame, day: date) -> Iterator[FactRow]:
    for row in facts.iter_rows(named=True):
        for code in NUMBERS:
            number = None if row[code] is None else round(Decimal(str(row[code])), _PLACES)
            yield FactRow(row["organisation_id"], code, day, number, None, SOURCE, FACT_TYPES[code].grade)
        for code in SERIES:
            months = None if row[code] is None else [[one["month"], one["fen"]] for one in row[code]]
            yield FactRow(row["organisation_id"], code, day, None, months, SOURCE, FACT_TYPES[code].grade)
