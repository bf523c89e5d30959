"""What the desensitised store says."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from finmart.kit.errors import Refusal

SMALLEST_GROUP = 5
"""k: no fewer firms share their attributes. A default of ours; no rule names a number."""


class DesensitisedAct(StrEnum):
    """Audit tags."""

    FIRM_REIDENTIFY = "desensitised:firm:reidentify"
    STORE_BUILD = "desensitised:store:build"


@dataclass(frozen=True, slots=True)
class BuildRow:
    """One day's store. ``smallest_group`` is the k its attributes hold; ``withheld`` firms have none of theirs kept."""

    day: date
    built_at: datetime
    rows: int
    smallest_group: int
    withheld: int


@dataclass(frozen=True, slots=True)
class ReidentificationRow:
    """Who learnt whose row it was, when and why."""

    at: datetime
    by: str
    pseudonym: str
    reason: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """How many firms of the latest store are of one value of an attribute."""

    label: str
    firms: int


@dataclass(frozen=True, slots=True)
class StoreState:
    """The store as its page shows it; ``latest`` is None where it was never built."""

    latest: BuildRow | None
    training_days: int
    groups: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    reidentifications: tuple[ReidentificationRow, ...]
    may_reidentify: bool


class UnableToReidentify(Refusal):
    """The reason is missing, or there is no such row."""

    code = "UNABLE_TO_REIDENTIFY"
