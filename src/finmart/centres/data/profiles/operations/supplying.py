"""What departments and platforms say of firms, a batch at a time."""

from collections.abc import Iterable

from finmart.centres.data.profiles.operations.recording import record_facts
from finmart.centres.data.profiles.rules.values import to_columns
from finmart.centres.data.profiles.types import FACT_TYPES, RecordedFact, UnableToRecord
from finmart.kit.actor import Actor


def record_supplied(actor: Actor, facts: Iterable[RecordedFact]) -> list[RecordedFact]:
    """Record what a batch says and return the facts whose value is none of their type; the others are recorded.

    Where the supplier says nothing (None), nothing is recorded: an older value stays, with its day. Raises
    AccessDenied.
    """
    sound: list[RecordedFact] = []
    refused: list[RecordedFact] = []
    for fact in facts:
        if fact.value is None:
            continue
        (sound if _fits(fact) else refused).append(fact)
    if sound:
        record_facts(actor, sound)
    return refused


def _fits(fact: RecordedFact) -> bool:
    kind = FACT_TYPES.get(fact.fact_type)
    if kind is None or kind.is_computed:
        return False
    try:
        to_columns(kind, fact.value)
    except UnableToRecord:
        return False
    return True
