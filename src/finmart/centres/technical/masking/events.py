"""What rooms above may react to, published in the transaction of the act."""

from dataclasses import dataclass
from uuid import UUID

from finmart.centres.technical.masking.types import TargetKind, UnmaskPurpose
from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ValueUnmasked(Event):
    """Somebody of ``organisation_name`` reads values of a person or firm in full."""

    unmasking_uuid: UUID
    kind: TargetKind
    concerned_person_id: int | None
    concerned_organisation_id: int | None
    organisation_name: str
    purpose: UnmaskPurpose
