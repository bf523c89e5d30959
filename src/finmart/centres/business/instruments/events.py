"""What happens to contracts."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ContractDrafted(Event):
    """A paper waits for signatures. The signing sides are named so that whoever notifies need not ask."""

    contract_uuid: UUID
    case_uuid: UUID
    number: str
    organisation_ids: tuple[int, ...]
    person_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ContractSigned(Event):
    """All have signed."""

    contract_uuid: UUID
    case_uuid: UUID
    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class ContractBroughtIntoForce(Event):
    contract_uuid: UUID
    case_uuid: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ContractEnded(Event):
    contract_uuid: UUID
    case_uuid: UUID
    number: str


@dataclass(frozen=True, slots=True)
class ContractVoided(Event):
    contract_uuid: UUID
    case_uuid: UUID
    number: str
    reason: str
