"""What departments and platforms say of firms, a batch at a time."""

from collections.abc import Iterable

from finmart.centres.data.profiles.operations.recording import record_facts, row_of
from finmart.centres.data.profiles.types import RecordedFact, UnableToRecord
from finmart.kit.actor import Actor


def record_supplied(actor: Actor, facts: Iterable[RecordedFact]) -> list[RecordedFact]:
    """Record what a batch says and return the facts that cannot be: none of their type, a day to come.

    One bad value keeps none of the others out.
    Where the supplier says nothing (None), nothing is recorded: an older value stays, with its day. Raises
    AccessDenied.
    """
    sound: list[RecordedFact] = []
    refused: list[RecordedFact] = []
    for fact in facts:
        if fact.value is None:
            continue
        (sound if _fits(actor, fact) else refused).append(fact)
    if sound:
        record_facts(actor, sound)
    return refused


def _fits(actor: Actor, fact: RecordedFact) -> bool:
    try:
        row_of(actor, fact)
    except UnableToRecord:
        return False
    return True
