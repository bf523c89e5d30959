"""The words of feeds: who supplies what, in which columns, and how far a batch has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class FeedKind(Code):
    DEPARTMENT = "DEPARTMENT", "政府部门"
    PLATFORM = "PLATFORM", "地方平台"


class FeedState(Code):
    """What people and the platform decided of a feed; whether its supplier answers is another matter."""

    ACTIVE = "ACTIVE", "启用"
    PAUSED = "PAUSED", "已暂停"
    STOPPED = "STOPPED", "结构变化，已停止"


class BatchState(Code):
    """RECEIVING until every record announced is here; then judged. Only the records of LOADED ones become facts."""

    HELD = "HELD", "暂存待核"
    LOADED = "LOADED", "已入库"
    RECEIVED = "RECEIVED", "已收齐"
    RECEIVING = "RECEIVING", "接收中"
    REFUSED = "REFUSED", "已拒收"


class FeedHealth(Code):
    """How a feed does: DOWN where its supplier does not answer, LATE where nobody has asked for too long."""

    DOWN = "DOWN", "中断"
    HELD_UP = "HELD_UP", "积压待核"
    LATE = "LATE", "逾期未更新"
    NEVER = "NEVER", "尚未接入"
    PAUSED = "PAUSED", "已暂停"
    RETRYING = "RETRYING", "重试中"
    STOPPED = "STOPPED", "结构变化，已停止"
    SOUND = "SOUND", "正常"


class ColumnKind(Code):
    """What the value of a column is, as it travels: DATE as ``2026-10-31``, YUAN as a decimal text."""

    BOOLEAN = "BOOLEAN", "是否"
    DATE = "DATE", "日期"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    TEXT = "TEXT", "文字"
    YUAN = "YUAN", "金额（元）"


@dataclass(frozen=True, slots=True)
class Column:
    """One column a feed is agreed to bring; ``fact_type`` is the code of the fact its values become."""

    name: str
    label: str
    kind: ColumnKind
    fact_type: str

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Column":
        return cls(stored["name"], stored["label"], ColumnKind(stored["kind"]), stored["fact_type"])

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "label": self.label, "kind": str(self.kind), "fact_type": self.fact_type}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a batch; ``reason`` is a sentence for people where it is to be held."""

    is_to_be_held: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a feed and what it may do: the holder of ``lease`` alone writes, ``pages`` at most.

    ``batch`` names the batch that is coming in and the page it goes on with, None where a new one is to be asked for.
    """

    code: str
    lease: UUID
    cursor: str
    page_size: int
    pages: int
    columns: tuple[Column, ...]
    batch: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A batch as its supplier announces it."""

    number: str
    cursor: str
    supplied_on: date
    records: int
    digest: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """One page of a batch: records with the SHA-256 of each, and whether more pages follow."""

    records: tuple[tuple[Mapping[str, Any], str], ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How a batch goes on after a page: with more pages, settled, or refused for the reason given."""

    has_more: bool
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class SuppliedFact:
    """What a column of a record says of a firm: amounts in fen, None where the supplier says nothing."""

    organisation_id: int
    fact_type: str
    value: int | Decimal | str | bool | date | None
    as_of_on: date
    source: str
    record_uuid: UUID


@dataclass(frozen=True, slots=True)
class RecordOrigin:
    """The record of a feed that a fact came from, and its batch; ``content_hash`` is the SHA-256 of what came."""

    uuid: UUID
    key: str
    content_hash: str
    as_of_on: date
    feed_code: str
    feed_name: str
    supplier: str
    batch_number: str
    batch_digest: str
    supplied_on: date
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as the operator's list shows it. ``waiting`` batches wait for people, ``demands`` for the supplier."""

    code: str
    name: str
    supplier: str
    kind_label: str
    health: FeedHealth
    explanation: str
    every_minutes: int
    latest_success_at: datetime | None
    latest_attempt_at: datetime | None
    next_at: datetime | None
    records: int
    waiting: int
    demands: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as lists show it."""

    uuid: UUID
    number: str
    state: str
    state_label: str
    supplied_on: date
    announced: int
    received: int
    unknown: int
    unreadable: int
    unusable: int
    attempts: int
    message: str
    begun_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """A batch that waits for a person, with its feed and who answers for it (empty: anybody of the operator)."""

    row: BatchRow
    feed_name: str
    owner_name: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed with what was agreed with its supplier, its newest batches, and what the actor may do."""

    row: FeedRow
    columns: tuple[Column, ...]
    duty: str
    terms_source: str
    is_example: bool
    page_size: int
    pages_per_run: int
    most_unfinished: int
    stale_days: int
    answer_days: int
    cursor: str
    round: int
    failures: int
    latest_failure: str
    failing_since: datetime | None
    batches: tuple[BatchRow, ...]
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record as the operator reads it; ``cells`` say of every column of the feed whether it holds a value."""

    uuid: UUID
    key: str
    organisation_id: int
    firm: str
    as_of_on: date
    cells: tuple[str, ...]
    replaces: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with its records and what the actor may do; ``owner_name`` answers for it while it is held."""

    row: BatchRow
    feed_code: str
    feed_name: str
    columns: tuple[Column, ...]
    records: tuple[RecordRow, ...]
    kept: int
    owner_name: str
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class SupplyNote:
    """What is to be said beside a fact of this feed: where it comes from, and what is wrong with that at the moment.

    ``trouble`` is empty where all is well. A fact older than ``stale_days`` is out of date, whatever the feed does.
    """

    feed_name: str
    health: FeedHealth
    trouble: str
    stale_days: int


class LeaseLost(Exception):
    """Another run has taken over: what this one brings is not written."""


class UnableToFeed(Refusal):
    """What is asked of a feed or a batch cannot be done as it stands."""

    code = "UNABLE_TO_FEED"
