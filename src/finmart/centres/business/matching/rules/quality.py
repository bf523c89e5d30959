"""How well and how fairly matching did, from what was shown and what became of it: pure, over plain rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import log2
from statistics import median

from finmart.centres.business.applications.types import ApplicationPath
from finmart.centres.business.matching.types import (
    ApprovalGap,
    ExposureFigures,
    MatchState,
    PrecisionFigures,
)

TOP = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One product as one run showed it."""

    run_id: int
    organisation_id: int
    matched_at: datetime
    product_id: int
    institution_id: int
    state: MatchState
    rank: int | None
    kind: str = ""
    chance: Decimal | None = None
    band: Decimal | None = None  # where its score lay; None where the institution had no room


def leading(shown: Iterable[Shown], paths: Sequence[ApplicationPath]) -> dict[int, Shown]:
    """Return place in ``paths`` → the latest showing of that product to that firm before it applied, where any."""
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, path in enumerate(paths):
        places[path.organisation_id, path.product_id].append(place)
    found: dict[int, Shown] = {}
    for one in shown:
        for place in places.get((one.organisation_id, one.product_id), ()):
            before = found.get(place)
            if one.matched_at <= paths[place].submitted_at and (before is None or before.matched_at < one.matched_at):
                found[place] = one
    return found


def precision(shown: Sequence[Shown], paths: Sequence[ApplicationPath]) -> PrecisionFigures:
    """Return how many matches became offers, and where the product stood that was finally signed (clause P6)."""
    fitting = {(one.organisation_id, one.product_id) for one in shown if one.state is MatchState.ELIGIBLE}
    led = leading(shown, paths)
    offered = {
        (paths[place].organisation_id, paths[place].product_id)
        for place, one in led.items()
        if paths[place].was_offered and one.state is MatchState.ELIGIBLE
    }
    ranks = [one.rank for place, one in led.items() if paths[place].was_signed and one.rank is not None]
    return PrecisionFigures(
        matches=len(fitting),
        offers=len(offered),
        signed=sum(path.was_signed for path in paths),
        signed_ranked=len(ranks),
        median_rank=median(ranks) if ranks else None,
        top_share=sum(rank <= TOP for rank in ranks) / len(ranks) if ranks else None,
    )


def exposure(shown: Iterable[Shown]) -> ExposureFigures:
    """Return how evenly attention falls on all institutions with an eligible product (clause P5).

    In one run each of them deserves the same attention; it gets 1 / log2(1 + rank) of its best product. Over all runs
    what it got is divided by what an even share would have been.
    """
    return _shared((one.run_id, one) for one in shown)


def among_equals(shown: Iterable[Shown]) -> ExposureFigures:
    """Return the same among equals only: two or more institutions with an eligible product in one band of one run."""
    equals: dict[tuple[int, Decimal], list[Shown]] = defaultdict(list)
    for one in shown:
        if one.band is not None and one.state is MatchState.ELIGIBLE:
            equals[one.run_id, one.band].append(one)
    return _shared(
        (place, one) for place, some in equals.items() if len({one.institution_id for one in some}) > 1 for one in some
    )


def below(seen: ExposureFigures, bound: Decimal) -> frozenset[int]:
    """Return the institutions that got less than the bound."""
    return frozenset(bank for bank, ratio in seen.by_institution.items() if ratio < bound)


def _shared(shown: Iterable[tuple[object, Shown]]) -> ExposureFigures:
    """Return the figures; the first of each pair says among whom attention is to be even."""
    runs: dict[object, dict[int, float]] = defaultdict(dict)
    for among, one in shown:
        if one.state is MatchState.ELIGIBLE and one.rank is not None:
            seen = runs[among]
            seen[one.institution_id] = max(seen.get(one.institution_id, 0.0), 1 / log2(1 + one.rank))
    got, even = defaultdict[int, float](float), defaultdict[int, float](float)
    for seen in runs.values():
        share = sum(seen.values()) / len(seen)
        for institution, attention in seen.items():
            got[institution] += attention
            even[institution] += share
    ratios = {institution: got[institution] / even[institution] for institution in got}
    return ExposureFigures(
        institutions=len(ratios),
        runs=len(runs),
        gini=gini(ratios.values()),
        least=min(ratios.values(), default=None),
        most=max(ratios.values(), default=None),
        by_institution=ratios,
    )


def gini(values: Iterable[float]) -> float | None:
    """Return the Gini coefficient, 0 where all are equal; None of nobody."""
    ordered = sorted(values)
    total = sum(ordered)
    if not ordered or not total:
        return None
    weighted = sum(place * value for place, value in enumerate(ordered, 1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def approval_gap(title: str, paths: Sequence[ApplicationPath], group_of: Mapping[int, str], least: int) -> ApprovalGap:
    """Return the share of decided applications that got an offer by group of firm, without groups below ``least``.

    The gap is between the best and the worst group.
    """
    decided: dict[str, list[bool]] = defaultdict(list)
    for path in paths:
        if is_decided(path) and path.organisation_id in group_of:
            decided[group_of[path.organisation_id]].append(path.was_offered)
    rows = {name: (sum(all_) / len(all_), len(all_)) for name, all_ in sorted(decided.items()) if len(all_) >= least}
    rates = [rate for rate, _ in rows.values()]
    return ApprovalGap(
        title, tuple((name, *row) for name, row in rows.items()), max(rates) - min(rates) if len(rates) > 1 else None
    )


def is_decided(path: ApplicationPath) -> bool:
    """Did the institution say its word: an offer, or an end without one that the firm did not bring about?"""
    return path.was_offered or path.was_refused


def decided_kinds(shown: Sequence[Shown], paths: Sequence[ApplicationPath]) -> list[tuple[Shown, bool]]:
    """Return what was shown of a product before it was applied for and decided, and whether there was an offer."""
    led = leading(shown, paths)
    return [(one, paths[place].was_offered) for place, one in led.items() if is_decided(paths[place]) and one.kind]
