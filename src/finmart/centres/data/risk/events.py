"""What risk tells the rooms above it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class DriftFound(Event):
    """The scores of a version in force moved further from its training than the threshold; ``owners`` are persons."""

    version_uuid: UUID
    name: str
    number: int
    index: Decimal
    threshold: Decimal
    owners: tuple[int, ...]
