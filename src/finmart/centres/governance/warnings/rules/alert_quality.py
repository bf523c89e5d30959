"""How good a signal was on history: lead time, precision, recall. Pure; docs/algorithms/warnings.md.

A firm's history is its net sales month by month, without a hole. At each month only what was known by then counts.
"""

import statistics
from collections.abc import Mapping, Sequence
from decimal import Decimal

from finmart.centres.governance.warnings.rules.signals import RECENT_MONTHS, YEAR, sales_drop
from finmart.centres.governance.warnings.types import AlertQuality, Grade, Outcome

STOP_MONTHS = 3  # without sales in a row; a default of ours
AHEAD = YEAR  # how far a warning looks; a default of ours
FIRST = YEAR + RECENT_MONTHS - 1  # the first month in which a drop can be known
Months = Sequence[tuple[str, int]]


def alerts_of(months: Months, threshold: Decimal) -> list[int]:
    """Return the months in which a warning would have been raised: the first of each run at or above the threshold."""
    over = [(drop := sales_drop(months[: place + 1])) is not None and drop >= threshold for place in range(len(months))]
    return [place for place, is_over in enumerate(over) if is_over and not (place and over[place - 1])]


def stops_of(months: Months) -> list[tuple[int, int]]:
    """Return (first month, month after) of every three and more months without sales that follow a month with some."""
    runs: list[tuple[int, int]] = []
    start = -1
    for place, (_, fen) in enumerate([*months, ("", 1)]):
        if fen <= 0:
            start = place if start < 0 else start
            continue
        if start > 0 and place - start >= STOP_MONTHS:
            runs.append((start, place))
        start = -1
    return runs


def of_stops(histories: Mapping[str, Months], grade: Grade, threshold: Decimal) -> AlertQuality:
    """Judge warnings by whether sales stopped within the year after.

    Only warnings whose year after is over count, whatever came of them. One raised when sales had stopped already came
    late and is no hit. A stop is found where a warning was raised in the year before; stops before any warning was
    possible (fifteen months of history) are left out. The base is how often a month with sales is followed by a stop.
    """
    alerts = hits = late = events = found = base_months = base_hits = 0
    leads: list[int] = []
    for months in histories.values():
        raised, stops = alerts_of(months, threshold), stops_of(months)
        for place in range(FIRST, len(months) - AHEAD):
            is_late = any(start <= place < end for start, end in stops)
            comes = not is_late and any(place < start <= place + AHEAD for start, _ in stops)
            base_months += not is_late
            base_hits += comes
            if place in raised:
                alerts, hits, late = alerts + 1, hits + comes, late + is_late
        for start, _ in stops:
            before = [start - place for place in raised if start - AHEAD <= place < start]
            events += start > FIRST
            found += start > FIRST and bool(before)
            leads += [max(before)] if before else []
    return AlertQuality(
        grade=grade, threshold=threshold, outcome=Outcome.SALES_STOP, firms=len(histories), alerts=alerts, hits=hits,
        late=late, events=events, found=found, precision=_share(hits, alerts), recall=_share(found, events),
        base_rate=_share(base_hits, base_months), lead_months=float(statistics.median(leads)) if leads else None,
    )  # fmt: skip


def of_defaults(
    histories: Mapping[str, Months], defaulted: Mapping[str, bool | None], grade: Grade, threshold: Decimal
) -> AlertQuality:
    """Judge by firms of known outcome: was a defaulting one ever warned of? Defaults have no day, so no lead."""
    known = {firm: bool(defaulted[firm]) for firm in histories if defaulted.get(firm) is not None}
    warned = {firm for firm in known if alerts_of(histories[firm], threshold)}
    bad = {firm for firm, value in known.items() if value}
    hits = len(warned & bad)
    return AlertQuality(
        grade=grade, threshold=threshold, outcome=Outcome.DEFAULT, firms=len(known), alerts=len(warned), hits=hits,
        late=0, events=len(bad), found=hits, precision=_share(hits, len(warned)), recall=_share(hits, len(bad)),
        base_rate=_share(len(bad), len(known)), lead_months=None,
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
