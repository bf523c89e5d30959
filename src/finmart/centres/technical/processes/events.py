"""What other centres may react to, published after the rows are written, in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class StepEvent(Event):
    """About one work item. ``person_ids`` are named signers; empty: whoever in the organisation holds a role."""

    instance_uuid: UUID
    case_uuid: UUID
    process_key: str
    item_uuid: UUID
    step: str
    name: str
    lane: str
    organisation_id: int | None
    roles: tuple[str, ...]
    person_ids: tuple[int, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepOpened(StepEvent):
    """People may begin."""


@dataclass(frozen=True, slots=True)
class StepCompleted(StepEvent):
    """The step is decided; ``timed_out`` where the clock and not a person decided."""

    outcome: str
    timed_out: bool


@dataclass(frozen=True, slots=True)
class StepCancelled(StepEvent):
    """An open step was taken away: by a return, an interrupting timer or the end of the process."""


@dataclass(frozen=True, slots=True)
class StepReturned(StepEvent):
    """The case came back to this step (which is open again) because of ``opinion``."""

    opinion: str


@dataclass(frozen=True, slots=True)
class StepUrged(StepEvent):
    """Somebody, ``sender``, asks for speed."""

    sender: str


@dataclass(frozen=True, slots=True)
class DeadlineMissed(StepEvent):
    """The deadline of an open step has passed; ``escalate`` where the model asks for a superior."""

    escalate: bool


@dataclass(frozen=True, slots=True)
class ItemAssigned(StepEvent):
    """Somebody was given a seat: by transfer, delegation or as added signer."""


@dataclass(frozen=True, slots=True)
class ItemCopied(StepEvent):
    """Somebody was sent a copy."""


@dataclass(frozen=True, slots=True)
class InstanceEnded(Event):
    """A process is over; ``terminated`` where it was broken off."""

    instance_uuid: UUID
    case_uuid: UUID
    process_key: str
    terminated: bool
