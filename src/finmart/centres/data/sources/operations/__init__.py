"""Loading files into the store. Each load is recorded with its files' hashes and its quality report (clause D1)."""

from finmart.centres.data.sources.operations.loading import (
    load_firms,
    load_invoices,
    load_invoices_of_many,
    load_sme_2020,
)

__all__ = ["load_firms", "load_invoices", "load_invoices_of_many", "load_sme_2020"]
