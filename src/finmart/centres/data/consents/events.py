"""What happens to consents."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ConsentGranted(Event):
    consent_uuid: UUID
    grantor_id: int
    recipient_id: int
    purpose: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Event):
    """Whoever kept what was fetched under the consent now deletes or blocks it (``after_end``)."""

    consent_uuid: UUID
    grantor_id: int
    recipient_id: int
    purpose: str
    fact_types: tuple[str, ...]
    after_end: str
