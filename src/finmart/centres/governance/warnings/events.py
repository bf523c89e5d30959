"""What warnings tells the rooms above it: people are told by whoever knows the pages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ScanDone(Event):
    """A scan changed something: how many warnings it raised by grade (code, number), the worst first, and regraded."""

    raised: tuple[tuple[str, int], ...]
    regraded: int


@dataclass(frozen=True, slots=True)
class WarningEvent(Event):
    """Something a person should know of one warning. ``owner_id`` None: nobody has taken it, so all of the role."""

    uuid: UUID
    firm_name: str
    signal_label: str
    grade: str
    due_at: datetime
    owner_id: int | None
    owner_role: str


@dataclass(frozen=True, slots=True)
class WarningAssigned(WarningEvent):
    """Somebody was made its owner by a colleague."""


@dataclass(frozen=True, slots=True)
class WarningNear(WarningEvent):
    """Its deadline is near; told once per deadline."""


@dataclass(frozen=True, slots=True)
class WarningLate(WarningEvent):
    """Its deadline has passed; told once per deadline."""


@dataclass(frozen=True, slots=True)
class WarningWorse(WarningEvent):
    """It was raised as red, or its grade rose, by rule or by hand."""
