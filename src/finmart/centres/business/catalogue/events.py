"""What the catalogue tells those above it."""

from dataclasses import dataclass

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ProductPublished(Event):
    product_id: int
    version_id: int


@dataclass(frozen=True, slots=True)
class ProductDelisted(Event):
    """No new application may begin; running cases keep their version."""

    product_id: int
    version_ids: tuple[int, ...]
