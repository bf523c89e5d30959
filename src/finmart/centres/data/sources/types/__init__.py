"""The words of sources: files and their loads, feeds and their batches."""

from enum import StrEnum

from finmart.centres.data.sources.types.demands import (
    DemandAct,
    DemandKind,
    DemandLineView,
    DemandMade,
    DemandRow,
    DemandState,
    DemandView,
    UnableToDemand,
)
from finmart.centres.data.sources.types.feeds import (
    BatchRow,
    BatchState,
    BatchView,
    Column,
    ColumnKind,
    Delivered,
    FeedHealth,
    FeedKind,
    FeedRow,
    FeedState,
    FeedView,
    HeldBatch,
    Judgement,
    LeaseLost,
    Offer,
    Progress,
    RecordOrigin,
    RecordRow,
    Run,
    SuppliedFact,
    SupplyNote,
    UnableToFeed,
)
from finmart.centres.data.sources.types.files import (
    Direction,
    Fault,
    HeldLoad,
    InvoiceInput,
    LoadInput,
    LoadKind,
    LoadResult,
    LoadRow,
    LoadState,
    QualityReport,
    Sample,
    SmeTable,
    SourceFile,
    UnableToLoad,
    UnableToSettle,
)

__all__ = [
    "BatchRow",
    "BatchState",
    "BatchView",
    "Column",
    "ColumnKind",
    "Delivered",
    "DemandAct",
    "DemandKind",
    "DemandLineView",
    "DemandMade",
    "DemandRow",
    "DemandState",
    "DemandView",
    "Direction",
    "Fault",
    "FeedHealth",
    "FeedKind",
    "FeedRow",
    "FeedState",
    "FeedView", "HeldBatch",
    "HeldLoad",
    "InvoiceInput",
    "Judgement",
    "LeaseLost",
    "LoadInput",
    "LoadKind",
    "LoadResult",
    "LoadRow",
    "LoadState",
    "Offer",
    "Progress",
    "QualityReport",
    "RecordOrigin",
    "RecordRow",
    "Run",
    "Sample",
    "SmeTable",
    "SourceFile",
    "SourcesAct",
    "SuppliedFact",
    "SupplyNote",
    "UnableToDemand",
    "UnableToFeed",
    "UnableToLoad",
    "UnableToSettle",
]  # fmt: skip


class SourcesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    BATCH_HOLD = "sources:batch:hold"
    BATCH_LOAD = "sources:batch:load"
    BATCH_REFUSE = "sources:batch:refuse"
    BATCH_RELEASE = "sources:batch:release"
    DEMAND_CLOSE = "sources:demand:close"
    DEMAND_RAISE = "sources:demand:raise"
    DEMAND_REPLY = "sources:demand:reply"
    DEMAND_URGE = "sources:demand:urge"
    FEED_DESCRIBE = "sources:feed:describe"
    FEED_FETCH_ANEW = "sources:feed:fetch_anew"
    FEED_FETCH_SOON = "sources:feed:fetch_soon"
    FEED_PAUSE = "sources:feed:pause"
    FEED_RESUME = "sources:feed:resume"
    FEED_STOP = "sources:feed:stop"
    INVOICES_ERASE = "sources:invoices:erase"
    LOAD_FINISH = "sources:load:finish"
    LOAD_HOLD = "sources:load:hold"
    LOAD_REFUSE = "sources:load:refuse"
    LOAD_RELEASE = "sources:load:release"
