"""What feedback tells the rooms above it."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """A person of the operator found on an appeal; ``number`` is its case's."""

    appeal_uuid: UUID
    case_uuid: UUID
    number: str
    organisation_id: int
    is_accepted: bool
