"""What the keeping of keys says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from finmart.kit.errors import Refusal


class KeysAct(StrEnum):
    """Audit tags."""

    KEY_ADD = "keys:key:add"
    KEY_RETIRE = "keys:key:retire"
    KEY_ROTATE = "keys:key:rotate"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key of the file: never its secret. ``rows`` counts the values it has made that are still there."""

    id: str
    purpose: str
    purpose_label: str
    algorithm: str
    made_at: datetime
    is_current: bool
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One sealed column or blind index: how many values, how many not yet by the current key."""

    name: str
    purpose: str
    rows: int
    stale: int


@dataclass(frozen=True, slots=True)
class Resealed:
    """What one batch did: rows changed, and behind which id to go on (None: the column is done)."""

    rows: int
    after: int | None


class UnableToRetire(Refusal):
    """The key is still needed."""

    code = "UNABLE_TO_RETIRE"
