"""The words of the wire: what a source offers, batch by batch, page by page, and what it is asked for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from finmart.kit.codes import Code


class SourceUnavailable(Exception):
    """No answer that can be used: the line is down, the source failed or said what nobody can read. Ask again later."""


class SourceBusy(Exception):
    """The source asks for patience; it may be asked again after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds:.0f} s")
        self.seconds = seconds


class SourceMistake(Exception):
    """The source says our request is wrong (signature, unknown source, unknown batch): do not repeat it."""


class RequestState(Code):
    """How far a source is with what it was asked for."""

    ANSWERED = "ANSWERED", "已答复"
    OPEN = "OPEN", "办理中"
    REFUSED = "REFUSED", "不能提供"


@dataclass(frozen=True, slots=True)
class OfferedColumn:
    """A column as the source describes it; ``kind`` is the source's word for it."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """The next batch after a cursor: how many records it holds and what the chain of their hashes ends with.

    ``cursor`` is where to ask on once it is here.
    """

    number: str
    cursor: str
    supplied_on: date
    records: int
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a batch: records as they came, each with its hash, under the columns the source has at this moment."""

    columns: tuple[OfferedColumn, ...]
    records: tuple[tuple[Mapping[str, Any], str], ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """What a source is asked for: data that are missing, or the correction of a record. ``uuid`` makes it come once."""

    uuid: str
    kind: str
    subject: str
    text: str
    due_on: date
    urged: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the source says of a demand."""

    state: RequestState
    text: str


def record_hash(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record as canonical JSON: keys in order, no blanks, UTF-8."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def chained(before: str, record_digest: str) -> str:
    """Return the chain of records' hashes, one record longer; an empty text begins it."""
    return hashlib.sha256((before + record_digest).encode()).hexdigest()
