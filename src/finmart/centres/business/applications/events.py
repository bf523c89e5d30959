"""What happens to needs, applications and offers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class NeedStated(Event):
    need_uuid: UUID
    organisation_id: int


@dataclass(frozen=True, slots=True)
class NeedWithdrawn(Event):
    need_uuid: UUID
    organisation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEvent(Event):
    """What all of them carry. ``number`` is the case's; ``reason`` is words for people, empty where none is due."""

    application_uuid: UUID
    case_uuid: UUID
    number: str
    organisation_id: int
    institution_id: int
    version_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSubmitted(ApplicationEvent):
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ApplicationAccepted(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationReturned(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationResubmitted(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ReviewStarted(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(ApplicationEvent):
    amount_fen: int
    all_in_annual_rate: Decimal
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class OfferExpired(ApplicationEvent):
    """Nobody answered in time; the application is in review again."""


@dataclass(frozen=True, slots=True)
class OfferAccepted(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class OfferDeclined(ApplicationEvent):
    """By the firm, or because it accepted another offer."""


@dataclass(frozen=True, slots=True)
class ApplicationRefused(ApplicationEvent):
    """``reason`` holds the label of the reason code and the explanation."""


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationSigned(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationDisbursed(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationSettled(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True)
class ApplicationClosed(ApplicationEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDecided(ApplicationEvent):
    """A person looked at the refusal again; ``reason`` says why, ``is_reopened`` whether the firm may apply anew."""

    is_reopened: bool
