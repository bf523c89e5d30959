"""What servicing tells the rooms above it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class LoanStarted(Event):
    loan_uuid: UUID
    case_uuid: UUID
    contract_uuid: UUID


@dataclass(frozen=True, slots=True)
class LoanSettled(Event):
    """Nothing is owed any more."""

    loan_uuid: UUID
    case_uuid: UUID
    contract_uuid: UUID


@dataclass(frozen=True, slots=True)
class InstalmentOverdue(Event):
    """An instalment was not paid on its day; told once per instalment."""

    loan_uuid: UUID
    case_uuid: UUID
    number: int
    due_on: date
    unpaid_fen: int
