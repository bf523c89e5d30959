"""What emergencies tells the rooms above it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class EmergencyProposed(Event):
    """A rule saw what may be an emergency."""

    plan_title: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PartyCalled(Event):
    """An organisation is asked to act (institution) or to take note (regulator); ``is_drill`` marks the notice."""

    organisation_id: int
    case_uuid: UUID
    title: str
    text: str
    due_at: datetime
    is_drill: bool


@dataclass(frozen=True, slots=True)
class DrillOverdue(Event):
    """No drill of a plan was held until the day it was due; told once a month."""

    plan_code: str
    plan_title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class ImprovementLate(Event):
    """A lesson was not acted on until its day; told once a month."""

    emergency_uuid: UUID
    improvement_id: int
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class RevisionProposed(Event):
    """New words for a plan wait for a second pair of eyes."""

    revision_uuid: UUID
    plan_title: str
    made_by: str
