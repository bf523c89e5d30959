"""How likely a match of a kind is to become an offer: learnt from outcomes on record, drawn to a prior where few.

A kind knows how well firm and product fit, never who offers: an institution's own past would keep small and new ones
down (P5).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from finmart.centres.business.matching.types import Chance, MatchState

_PLACES = Decimal("0.0001")
_SCORED = (MatchState.ELIGIBLE, MatchState.UNKNOWN, MatchState.NEAR_MISS)


def kind_of(state: MatchState, soft_met: int, soft_total: int) -> str:
    """Return the kind of a match: its state, and whether every soft criterion is met."""
    return f"{state}:{'ALL' if soft_met == soft_total else 'PART'}"


def kinds() -> list[str]:
    return [f"{state}:{part}" for state in _SCORED for part in ("ALL", "PART")]


def learn(decided: Iterable[tuple[str, bool]], *, prior: Decimal, weight: int) -> dict[str, Chance]:
    """Return kind → chance from (kind, got an offer) of decided applications.

    The overall rate is drawn to ``prior`` and each kind's to the overall rate, as if ``weight`` more applications had
    come out so: Beta-binomial shrinkage, which keeps what is told near what is seen where there is much to see.
    """
    offers, totals = Counter[str](), Counter[str]()
    for kind, was_offered in decided:
        offers[kind] += was_offered
        totals[kind] += 1
    overall = (offers.total() + prior * weight) / (totals.total() + weight)
    return {kind: _chance(offers[kind], totals[kind], overall, weight) for kind in kinds()}


def _chance(offers: int, decided: int, overall: Decimal, weight: int) -> Chance:
    value = (offers + overall * weight) / (decided + weight)
    return Chance(value.quantize(_PLACES), offers, decided, is_prior=decided < weight)


def calibration(told: Iterable[tuple[Decimal, bool]]) -> tuple[int, float | None]:
    """Return of how many decided applications a chance was told, and the mean gap between told and seen, by tenths."""
    tenths: Mapping[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, was_offered in told:
        tenths[min(int(chance * 10), 9)].append((float(chance), was_offered))
    count = sum(map(len, tenths.values()))
    if not count:
        return 0, None
    gaps = (abs(sum(chance for chance, _ in some) - sum(seen for _, seen in some)) for some in tenths.values())
    return count, sum(gaps) / count
