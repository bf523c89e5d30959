"""What came in: files with their loads and invoices, feeds with their batches and records, requests to departments."""

from finmart.centres.data.sources.models.demands import Demand, DemandLine
from finmart.centres.data.sources.models.feeds import Batch, Feed, Record
from finmart.centres.data.sources.models.files import HeldFile, Invoice, KnownFirm, ListedFirm, Load

__all__ = [
    "Batch", "Demand", "DemandLine", "Feed", "HeldFile", "Invoice", "KnownFirm", "ListedFirm", "Load", "Record",
]  # fmt: skip
