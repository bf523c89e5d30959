"""What sources tell those above them."""

from dataclasses import dataclass
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class BatchLoaded(Event):
    """The records of a batch are in; ``queries.supplied_facts`` gives what they say."""

    batch_uuid: UUID


@dataclass(frozen=True, slots=True)
class LoadFinished(Event):
    """A file's sound rows are in the store."""

    load_uuid: UUID


@dataclass(frozen=True, slots=True)
class BatchReceived(Event):
    """All records of a batch are here and about to be loaded; who finds fault calls ``operations.hold_batch``."""

    batch_uuid: UUID


@dataclass(frozen=True, slots=True)
class LoadReleased(Event):
    """A person let a held file's sound rows in, of these firms; what is computed from them is of yesterday."""

    load_uuid: UUID
    organisation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceDown(Event):
    """A feed failed too often in a row, or stopped because its columns are not those agreed."""

    feed_code: str
