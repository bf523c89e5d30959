"""What happens to cases."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    case_uuid: UUID
    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    case_uuid: UUID
    number: str


@dataclass(frozen=True, slots=True)
class CaseArchived(Event):
    case_uuid: UUID
    number: str


@dataclass(frozen=True, slots=True)
class MessagePosted(Event):
    """Somebody wrote. The recipients are named so that whoever notifies need not ask."""

    case_uuid: UUID
    number: str
    message_uuid: UUID
    sender_label: str
    recipient_organisation_ids: tuple[int, ...]
    recipient_person_ids: tuple[int, ...]
