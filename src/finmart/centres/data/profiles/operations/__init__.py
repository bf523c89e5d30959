"""Computing facts from invoices, recording facts from elsewhere, keeping copies under consent (clauses D3, F2)."""

from finmart.centres.data.profiles.operations.asking import ask_to_compute
from finmart.centres.data.profiles.operations.computing import compute
from finmart.centres.data.profiles.operations.copies import (
    MOST_ENDED,
    end_copies_of,
    end_kept_out,
    erase,
    keep_copy,
    open_copy,
)
from finmart.centres.data.profiles.operations.disputing import raise_dispute, withdraw_dispute
from finmart.centres.data.profiles.operations.recording import record_fact, record_facts
from finmart.centres.data.profiles.operations.reminding import remind_of_disputes
from finmart.centres.data.profiles.operations.settling import reject_dispute, route_dispute, uphold_dispute
from finmart.centres.data.profiles.operations.supplying import record_supplied

__all__ = [
    "MOST_ENDED", "ask_to_compute", "compute", "end_copies_of", "end_kept_out", "erase", "keep_copy", "open_copy",
    "raise_dispute", "record_fact", "record_facts", "record_supplied", "reject_dispute", "remind_of_disputes",
    "route_dispute", "uphold_dispute", "withdraw_dispute",
]  # fmt: skip
