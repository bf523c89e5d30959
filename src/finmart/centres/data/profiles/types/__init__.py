"""The words of profiles: kinds of fact, facts as others see them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from finmart.centres.data.profiles.types.fact_types import FACT_TYPES, FactKind, FactType
from finmart.kit.errors import Refusal

__all__ = [
    "FACT_TYPES", "FactKind", "FactType", "FactView", "KnownValue", "ProfilesAct", "RecordedFact", "Series",
    "UnableToRecord",
]  # fmt: skip

Series = tuple[tuple[str, int], ...]
"""Months (``2019-07``) with an amount in fen each, the oldest first, without a hole."""


class ProfilesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    FACTS_COMPUTE = "profiles:facts:compute"
    FACTS_RECORD = "profiles:facts:record"


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """A fact to record: ``value`` as its type's kind asks (int, Decimal, str, bool, date), None for now unknown."""

    organisation_id: int
    fact_type: str
    value: int | Decimal | str | bool | date | None
    as_of_on: date
    source: str


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that is known, as criteria compare it, with its day and source."""

    value: int | Decimal | str | bool
    known_on: date
    source: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as pages show it. ``value`` is None where it is missing; ``text`` then says 暂缺, never 0."""

    code: str
    label: str
    value: int | Decimal | str | bool | date | Series | None
    text: str
    unit: str
    formula: str
    source: str
    as_of_on: date
    known_at: datetime
    grade: int
    group: str


class UnableToRecord(Refusal):
    code = "UNABLE_TO_RECORD"
