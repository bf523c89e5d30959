"""The words of sources: files and their loads, feeds and their batches."""

from enum import StrEnum

from finmart.centres.data.sources.types.feeds import (
    BatchState,
    Column,
    ColumnKind,
    FeedKind,
    FeedState,
    Judgement,
)
from finmart.centres.data.sources.types.files import (
    Direction,
    Fault,
    LoadKind,
    LoadResult,
    LoadRow,
    LoadState,
    QualityReport,
    Sample,
    SmeTable,
    SourceFile,
    UnableToLoad,
)

__all__ = [
    "BatchState", "Column", "ColumnKind", "Direction", "Fault", "FeedKind", "FeedState", "Judgement", "LoadKind",
    "LoadResult", "LoadRow", "LoadState", "QualityReport", "Sample", "SmeTable", "SourceFile", "SourcesAct",
    "UnableToLoad",
]  # fmt: skip


class SourcesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    BATCH_HOLD = "sources:batch:hold"
    BATCH_LOAD = "sources:batch:load"
    BATCH_REFUSE = "sources:batch:refuse"
    FEED_DESCRIBE = "sources:feed:describe"
    LOAD_FINISH = "sources:load:finish"
    LOAD_HOLD = "sources:load:hold"
