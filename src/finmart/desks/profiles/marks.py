"""Marks that pages of the firm and of those it allows show alike."""

from collections.abc import Iterable

from finmart.centres.data.profiles.types import FACT_TYPES, FactView


def disputed_inputs(facts: Iterable[FactView]) -> list[str]:
    """Return the labels of disputed facts that come from invoices, of which a score is made too."""
    return [fact.label for fact in facts if fact.disputed_at and FACT_TYPES[fact.code].is_computed]
