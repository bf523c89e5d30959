"""Files are loaded, feeds are fetched batch by batch, departments are asked; each arrival is judged (clause D1)."""

from finmart.centres.data.sources.operations.demanding import (
    DELIVER,
    chase_overdue,
    close_demand,
    note_reply,
    raise_demand,
    urge_demand,
)
from finmart.centres.data.sources.operations.describing import describe_feeds
from finmart.centres.data.sources.operations.erasing import erase_invoices
from finmart.centres.data.sources.operations.fetching import (
    FETCH,
    begin_run,
    end_run,
    fail_run,
    keep_to_columns,
    postpone_run,
    queue_runs,
    store_page,
    take_batch,
)
from finmart.centres.data.sources.operations.loading import (
    load_firms,
    load_invoices,
    load_invoices_of_many,
    load_sme_2020,
)
from finmart.centres.data.sources.operations.minding import fetch_anew, fetch_soon, pause_feed, resume_feed
from finmart.centres.data.sources.operations.releasing import refuse_load, release_load
from finmart.centres.data.sources.operations.settling import hold_batch, note_unusable, reject_batch, release_batch

__all__ = [
    "DELIVER", "FETCH", "begin_run", "chase_overdue", "close_demand", "describe_feeds", "end_run",
    "erase_invoices", "fail_run",
    "fetch_anew", "fetch_soon", "hold_batch", "keep_to_columns", "load_firms", "load_invoices",
    "load_invoices_of_many", "load_sme_2020", "note_reply", "note_unusable", "pause_feed", "postpone_run",
    "queue_runs", "raise_demand", "refuse_load", "reject_batch", "release_batch", "release_load", "resume_feed",
    "store_page", "take_batch", "urge_demand",
]  # fmt: skip
