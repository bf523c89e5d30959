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
class ConsentOver(Event):
    """Whoever kept what was fetched under the consent now deletes or blocks it (``after_end``)."""

    consent_uuid: UUID
    grantor_id: int
    recipient_id: int
    purpose: str
    fact_types: tuple[str, ...]
    after_end: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(ConsentOver):
    """The firm has ended the consent before its time."""


@dataclass(frozen=True, slots=True)
class ConsentExpired(ConsentOver):
    """The consent has come to its end by itself; told by the job that looks for it, minutes after it at most."""
