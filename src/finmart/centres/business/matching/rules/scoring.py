"""The score (docs/algorithms/matching.md) and the all-in annual rate it reads."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import FeeBasis, FeeTerms, ProductTerms
from finmart.centres.business.matching.types import MatchState, ScoreInput, ScoreSettings
from finmart.kit.errors import Refusal
from finmart.kit.finance import DayCount, Fee, RepaymentMethod, Terms, annual_cost, due_dates, plan

_ONE, _ZERO, _HALF = Decimal(1), Decimal(0), Decimal("0.5")
_SCORE_PLACES = Decimal("0.0001")
_COST_PLACES = Decimal("0.000001")


def score(given: ScoreInput, settings: ScoreSettings) -> Decimal:
    """Return the score of a product for a need, between 0 and 1 with four places; larger is better."""
    cost = _ZERO if given.annual_cost is None else _within(_ONE - given.annual_cost / settings.cost_ceiling)
    speed = _within(_ONE - Decimal(given.promised_days - 1) / max(settings.slowest_days - 1, 1))
    soft = (given.soft_met + _HALF * given.soft_unknown) / given.soft_total if given.soft_total else _ONE
    preference = _ONE if given.fits_preference else _ZERO
    total = settings.cost * cost + settings.soft * soft + settings.speed * speed + settings.preference * preference
    total += settings.chance * given.chance
    return total.quantize(_SCORE_PLACES, rounding=ROUND_HALF_EVEN)


def _within(share: Decimal) -> Decimal:
    return min(max(share, _ZERO), _ONE)


def state_of(hard_not_met: int, hard_unknown: int, near_miss_most: int) -> MatchState:
    """Return what the hard criteria say together: one that fails outweighs one that is unknown."""
    if hard_not_met:
        return MatchState.NEAR_MISS if hard_not_met <= near_miss_most else MatchState.NOT_ELIGIBLE
    return MatchState.UNKNOWN if hard_unknown else MatchState.ELIGIBLE


def band_of(points: Decimal, band: Decimal) -> Decimal:
    """Return the band a score lies in, on a grid fixed for all products; without bands, the score itself."""
    return points // band if band else points


def tie_breaker(organisation_uuid: UUID, other_uuid: UUID) -> str:
    """Return what orders equals: fixed for a firm, spread evenly over institutions, or products, across firms."""
    return sha256(organisation_uuid.bytes + other_uuid.bytes).hexdigest()


def costs(terms: ProductTerms, need: NeedTerms, on: date) -> tuple[Decimal | None, Decimal | None]:
    """Return the all-in annual rate (IRR, fees in) at the product's lowest and highest rate.

    Counted for the amount and term of the need, or the nearest the product offers, under the preferred repayment
    method or the first the product has. None where fees eat the loan.
    """
    amount_fen = min(max(need.amount_fen, terms.limit_min_fen), terms.limit_max_fen)
    months = min(max(need.term_months, terms.months_min), terms.months_max)
    method = need.repayment_method if need.repayment_method in terms.methods else terms.methods[0]
    lowest, highest = (
        _cost(amount_fen, rate, method, months, terms.fees, on) for rate in (terms.rate_min, terms.rate_max)
    )
    return lowest, highest


@lru_cache(maxsize=4096)
def _cost(
    amount_fen: int, rate: Decimal, method: RepaymentMethod, months: int, fees: tuple[FeeTerms, ...], on: date
) -> Decimal | None:
    agreed = Terms(amount_fen, rate, method, DayCount.ACT_360, on, months)
    paid = [paid for fee in fees for paid in _payments(fee, agreed)]
    try:
        found = annual_cost(amount_fen, plan(agreed), started_on=on, fees=paid)
    except Refusal:  # fees eat the loan: the product stays in the list, without a rate and at the foot of the score
        return None
    return found.compound.quantize(_COST_PLACES)


def _payments(fee: FeeTerms, agreed: Terms) -> list[Fee]:
    """Return when a fee is paid: at the start, and where it is yearly with every twelfth due date before the end."""
    if fee.basis is FeeBasis.FIXED_ONCE:
        return [Fee(agreed.started_on, fee.amount_fen)]
    each_fen = int((fee.rate * agreed.principal_fen).quantize(_ONE))
    later = due_dates(agreed)[11:-1:12] if fee.basis is FeeBasis.AMOUNT_YEARLY else []
    return [Fee(day, each_fen) for day in (agreed.started_on, *later)]
