"""What funds tells the rooms above it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class DisbursementPaid(Event):
    """The bank core has moved the money and the ledger holds it."""

    disbursement_uuid: UUID
    case_uuid: UUID
    contract_uuid: UUID
    lender_id: int
    borrower_id: int | None
    borrower_person_id: int | None
    amount_fen: int
    paid_on: date


@dataclass(frozen=True, slots=True)
class DisbursementFailed(Event):
    """The bank core refused; nothing was posted."""

    disbursement_uuid: UUID
    case_uuid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class DisbursementReturned(Event):
    """Paid money came back whole; the posting was reversed."""

    disbursement_uuid: UUID
    case_uuid: UUID
    contract_uuid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class CollectionSettled(Event):
    """Money drawn from the borrower's account has reached the lender. Whoever owns the debt posts it."""

    collection_uuid: UUID
    case_uuid: UUID
    amount_fen: int
    settled_on: date


@dataclass(frozen=True, slots=True)
class CollectionFailed(Event):
    collection_uuid: UUID
    case_uuid: UUID
    reason: str
