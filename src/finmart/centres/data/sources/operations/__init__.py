"""Files are loaded, feeds are fetched batch by batch; each arrival is recorded and judged (clause D1)."""

from finmart.centres.data.sources.operations.describing import describe_feeds
from finmart.centres.data.sources.operations.loading import (
    load_firms,
    load_invoices,
    load_invoices_of_many,
    load_sme_2020,
)

__all__ = ["describe_feeds", "load_firms", "load_invoices", "load_invoices_of_many", "load_sme_2020"]
