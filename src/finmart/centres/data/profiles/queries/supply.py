"""What is wrong, at this moment, with the supply of the facts a page shows (clause D1)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from finmart.centres.data.profiles.types import FACT_TYPES, FactView, SupplyTrouble
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import FeedHealth, SupplyNote
from finmart.kit import clock


def supply_of(facts: Sequence[FactView]) -> tuple[list[FactView], list[SupplyTrouble]]:
    """Return the facts with a note where their feed is in trouble or their day is too old, and every feed in trouble.

    Nobody's facts are read for it, so it needs no consent.
    """
    notes, today = sources_queries.supply_notes(), clock.today()
    return [_noted(fact, notes.get(fact.code), today) for fact in facts], _troubles(facts, notes)


def _noted(fact: FactView, note: SupplyNote | None, today: date) -> FactView:
    if note is None or fact.source != note.feed_name:
        return fact
    if (today - fact.as_of_on).days > note.stale_days:
        return replace(fact, note=f"已过期：超过 {note.stale_days} 天")
    return replace(fact, note=f"来源{note.health.label}，未再更新") if note.trouble else fact


def _troubles(facts: Sequence[FactView], notes: dict[str, SupplyNote]) -> list[SupplyTrouble]:
    known = {fact.code: fact for fact in facts if fact.value is not None}
    troubles = []
    for name in dict.fromkeys(note.feed_name for note in notes.values() if note.trouble):
        codes = [code for code, note in notes.items() if note.feed_name == name]
        note = notes[codes[0]]
        if note.health is FeedHealth.NEVER and all(code in known for code in codes):
            continue
        labels = {code: FACT_TYPES[code].label for code in codes}
        troubles.append(
            SupplyTrouble(
                name, note.trouble,
                kept=tuple(f"{labels[code]}（{known[code].as_of_on}）" for code in codes if code in known),
                missing=tuple(labels[code] for code in codes if code not in known),
            )
        )  # fmt: skip
    return troubles
