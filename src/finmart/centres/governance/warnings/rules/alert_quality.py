"""How good a signal was on history: lead time, precision, recall. Pure; docs/algorithms/warnings.md.

A firm's history is its net sales month by month, without a hole. At each month only what was known by then counts.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finmart.centres.governance.warnings.rules.signals import RECENT_MONTHS, YEAR, sales_drop
from finmart.centres.governance.warnings.types import AlertQuality, Grade, Outcome, SignalCode

STOP_MONTHS = 3  # without sales in a row; a default of ours
AHEAD = YEAR  # how far a warning looks; a default of ours
Months = Sequence[tuple[str, int]]
Values = Sequence[Decimal | None]
# The first month in which the signal can be known.
FIRST = {
    SignalCode.SALES_DROP: YEAR + RECENT_MONTHS - 1,
    SignalCode.CUSTOMER_LOSS: 2 * YEAR - 1,
    SignalCode.VOIDED: YEAR - 1,
}


@dataclass(frozen=True, slots=True)
class History:
    """A firm's net sales by month, and of each signal what it was at each of these months."""

    months: Months
    values: Mapping[SignalCode, Values]


def values_of(months: Months) -> Values:
    """Return the drop of sales at each month, from what was known by then."""
    return [sales_drop(months[: place + 1]) for place in range(len(months))]


def drops_of(counts: Sequence[int | None]) -> Values:
    """Return at each month by what share a count fell below that of a year before; None where either is not known."""
    found: list[Decimal | None] = []
    for place, now in enumerate(counts):
        before = counts[place - YEAR] if place >= YEAR else None
        found.append(None if now is None or not before else 1 - Decimal(now) / Decimal(before))
    return found


def alerts_of(values: Values, threshold: Decimal) -> list[int]:
    """Return the months in which a warning would have been raised: the first of each run at or above the threshold."""
    over = [value is not None and value >= threshold for value in values]
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


def of_stops(histories: Mapping[str, History], signal: SignalCode, grade: Grade, threshold: Decimal) -> AlertQuality:
    """Judge a signal's warnings by whether sales stopped within the year after.

    Only warnings whose year after is over count, whatever came of them. One raised when sales had stopped already came
    late and is no hit. A stop is found where a warning was raised in the year before; stops before any warning of this
    signal was possible are left out. The base is how often a month with sales is followed by a stop.
    """
    first = FIRST[signal]
    alerts = hits = late = events = found = base_months = base_hits = 0
    leads: list[int] = []
    for history in histories.values():
        months = history.months
        raised, stops = alerts_of(history.values[signal], threshold), stops_of(months)
        for place in range(first, len(months) - AHEAD):
            is_late = any(start <= place < end for start, end in stops)
            comes = not is_late and any(place < start <= place + AHEAD for start, _ in stops)
            base_months += not is_late
            base_hits += comes
            if place in raised:
                alerts, hits, late = alerts + 1, hits + comes, late + is_late
        for start, _ in stops:
            before = [start - place for place in raised if start - AHEAD <= place < start]
            events += start > first
            found += start > first and bool(before)
            leads += [max(before)] if before else []
    return AlertQuality(
        signal=signal, grade=grade, threshold=threshold, outcome=Outcome.SALES_STOP, firms=len(histories),
        alerts=alerts, hits=hits, late=late, events=events, found=found, precision=_share(hits, alerts),
        recall=_share(found, events), base_rate=_share(base_hits, base_months),
        lead_months=float(statistics.median(leads)) if leads else None,
    )  # fmt: skip


def of_defaults(
    histories: Mapping[str, History], defaulted: Mapping[str, bool | None], signal: SignalCode, grade: Grade,
    threshold: Decimal,
) -> AlertQuality:  # fmt: skip
    """Judge by firms of known outcome: was a defaulting one ever warned of? Defaults have no day, so no lead."""
    known = {firm: bool(defaulted[firm]) for firm in histories if defaulted.get(firm) is not None}
    warned = {firm for firm in known if alerts_of(histories[firm].values[signal], threshold)}
    bad = {firm for firm, value in known.items() if value}
    hits = len(warned & bad)
    return AlertQuality(
        signal=signal, grade=grade, threshold=threshold, outcome=Outcome.DEFAULT, firms=len(known), alerts=len(warned),
        hits=hits, late=0, events=len(bad), found=hits, precision=_share(hits, len(warned)),
        recall=_share(hits, len(bad)), base_rate=_share(len(bad), len(known)), lead_months=None,
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
