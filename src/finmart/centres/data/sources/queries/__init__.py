"""Reading back what came in: files and invoices, feeds with their batches and records, demands to departments."""

from finmart.centres.data.sources.queries.demands import demand_for, demand_to_deliver, demands_for, open_demands
from finmart.centres.data.sources.queries.feeds import (
    batch_for,
    feed_for,
    feeds_for,
    record_for,
    supplied_facts,
    supply_notes,
)
from finmart.centres.data.sources.queries.files import (
    CHECKED,
    FRAME,
    count_invoices,
    firms_of_load,
    firms_with_invoices,
    invoice_frame,
    invoice_frame_for_checks,
    invoices_as_known,
    invoices_of_months,
    known_firm,
    latest_invoice_on,
    load_frame,
    loads_for,
    months_with_news,
    outcome_labels,
    partner_totals_as_known,
    read_sme_2020,
    report_for,
    table_of,
)

__all__ = [
    "CHECKED", "FRAME", "batch_for", "count_invoices", "demand_for", "demand_to_deliver", "demands_for", "feed_for",
    "feeds_for", "firms_of_load", "firms_with_invoices", "invoice_frame", "invoice_frame_for_checks",
    "invoices_as_known", "invoices_of_months", "known_firm", "latest_invoice_on", "load_frame", "loads_for",
    "months_with_news", "open_demands", "outcome_labels", "partner_totals_as_known", "read_sme_2020", "record_for",
    "report_for", "supplied_facts", "supply_notes", "table_of",
]  # fmt: skip
