"""Which state follows which, what a need and an offer must hold, and what an offer costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finmart.centres.business.applications.types import (
    ApplicationState,
    Move,
    NeedDraft,
    NeedTerms,
    OfferFee,
    OfferTerms,
    UnableToOffer,
    UnableToState,
)
from finmart.centres.business.catalogue.types import FeeBasis, FeeTerms, LoanPurpose, ProductTerms
from finmart.kit.errors import Conflict, Refusal
from finmart.kit.finance import DayCount, Fee, RepaymentMethod, Terms, annual_cost, plan
from finmart.kit.money import MOST_FEN, format_yuan

S = ApplicationState
MOST_MONTHS = 360  # a default of ours
LONGEST_TEXT = 500
MOST_CONDITIONS = 20
MONTHS_A_YEAR = 12

MOVES: dict[Move, tuple[frozenset[ApplicationState], ApplicationState]] = {
    Move.ACCEPT: (frozenset({S.SUBMITTED}), S.ACCEPTED),
    Move.RETURN: (frozenset({S.SUBMITTED, S.ACCEPTED}), S.RETURNED),
    Move.RESUBMIT: (frozenset({S.RETURNED}), S.SUBMITTED),
    Move.START_REVIEW: (frozenset({S.ACCEPTED}), S.IN_REVIEW),
    Move.MAKE_OFFER: (frozenset({S.IN_REVIEW, S.OFFERED}), S.OFFERED),
    Move.LAPSE: (frozenset({S.OFFERED}), S.IN_REVIEW),
    Move.ACCEPT_OFFER: (frozenset({S.OFFERED}), S.OFFER_ACCEPTED),
    Move.DECLINE: (frozenset({S.OFFERED}), S.DECLINED),
    # An open offer binds its institution until it is answered or expires.
    Move.REFUSE: (frozenset({S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.IN_REVIEW, S.OFFER_ACCEPTED}), S.REFUSED),
    Move.WITHDRAW: (
        frozenset({S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.IN_REVIEW, S.OFFERED, S.OFFER_ACCEPTED}),
        S.WITHDRAWN,
    ),
    Move.SIGN: (frozenset({S.OFFER_ACCEPTED}), S.SIGNED),
    Move.DISBURSE: (frozenset({S.SIGNED}), S.DISBURSED),
    Move.SETTLE: (frozenset({S.DISBURSED}), S.SETTLED),
    Move.CLOSE: (frozenset({S.SETTLED}), S.CLOSED),
}
ENDED = frozenset({S.CLOSED, S.DECLINED, S.REFUSED, S.WITHDRAWN})
TAKEN = frozenset({S.OFFER_ACCEPTED, S.SIGNED, S.DISBURSED, S.SETTLED, S.CLOSED})
WITH_INSTITUTION = frozenset({S.SUBMITTED, S.ACCEPTED, S.IN_REVIEW})
SIGNED = frozenset({S.SIGNED, S.DISBURSED, S.SETTLED, S.CLOSED})
MAY_APPLY_AGAIN = frozenset({S.DECLINED, S.WITHDRAWN})
LONGEST_REVIEW_TEXT = 2_000


def may(state: str, move: Move) -> bool:
    """Is this move allowed from this state?"""
    return ApplicationState(state) in MOVES[move][0]


def after(state: str, move: Move) -> ApplicationState:
    """Return the state after a move. Raises Conflict where it is not allowed: somebody else was faster."""
    if not may(state, move):
        raise Conflict(
            f"该申请当前为“{ApplicationState(state).label}”，不能{move.label}", remedy="请刷新页面查看最新进度"
        )
    return MOVES[move][1]


def pairs() -> set[tuple[str, str]]:
    """Return every allowed (from, to), as the database checks it."""
    return {(str(before), str(to)) for froms, to in MOVES.values() for before in froms if before != to}


def clean_text(text: str, *, field: str, required: bool = False, longest: int = LONGEST_TEXT) -> str:
    """Return a text without outer spaces. Raises Refusal where it is too long, or empty though required."""
    cleaned = text.strip()
    if required and not cleaned:
        raise Refusal("请填写原因", field=field, remedy="对方需要知道原因")
    if len(cleaned) > longest or "\x00" in cleaned:
        raise Refusal(f"内容过长或含有无效字符（最多 {longest} 字）", field=field)
    return cleaned


def _require_amount(amount_fen: int) -> None:
    if type(amount_fen) is not int or not 0 < amount_fen <= MOST_FEN:
        raise UnableToState("融资金额必须大于零且在可受理范围内", field="amount", remedy="请填写大于零的金额，精确到分")


def _require_months(months: int) -> None:
    if type(months) is not int or not 1 <= months <= MOST_MONTHS:
        raise UnableToState(f"期限应在 1 至 {MOST_MONTHS} 个月之间", field="term_months")


def _require_district(district: str, districts: Iterable[str]) -> None:
    if district and district not in set(districts):
        raise UnableToState("所选区域不存在", field="district", remedy="请从列表中选择")


def checked_need(terms: NeedTerms, districts: Iterable[str]) -> NeedTerms:
    """Return a complete need with its note cleaned. Raises UnableToState with the field that is wrong."""
    _require_amount(terms.amount_fen)
    _require_months(terms.term_months)
    _require_district(terms.district, districts)
    return NeedTerms(
        amount_fen=terms.amount_fen,
        term_months=terms.term_months,
        purpose=LoanPurpose(terms.purpose),
        purpose_note=clean_text(terms.purpose_note, field="purpose_note"),
        repayment_method=RepaymentMethod(terms.repayment_method) if terms.repayment_method else None,
        district=terms.district,
    )


def check_draft(draft: NeedDraft, districts: Iterable[str]) -> None:
    """Check what is there of a draft; what is missing may still come."""
    if draft.amount_fen is not None:
        _require_amount(draft.amount_fen)
    if draft.term_months is not None:
        _require_months(draft.term_months)
    if draft.purpose and draft.purpose not in set(LoanPurpose):
        raise UnableToState("所选用途不存在", field="purpose")
    if draft.repayment_method and draft.repayment_method not in set(RepaymentMethod):
        raise UnableToState("所选还款方式不存在", field="repayment_method")
    _require_district(draft.district, districts)
    clean_text(draft.purpose_note, field="purpose_note")


def published_fees(fees: Iterable[FeeTerms], amount_fen: int) -> tuple[OfferFee, ...]:
    """Return what the published fees of a product come to for an amount, rounded down to the fen."""
    return tuple(
        OfferFee(
            fee.name,
            fee.amount_fen if fee.basis is FeeBasis.FIXED_ONCE else int(fee.rate * amount_fen),
            is_yearly=fee.basis is FeeBasis.AMOUNT_YEARLY,
        )
        for fee in fees
    )


def checked_fees(offered: tuple[OfferFee, ...] | None, published: tuple[OfferFee, ...]) -> tuple[OfferFee, ...]:
    """Return the fees of an offer: the published ones, or named ones that are not higher (clause P3)."""
    if offered is None:
        return published
    most = {(fee.name, fee.is_yearly): fee.amount_fen for fee in published}
    for fee in offered:
        limit_fen = most.get((fee.name, fee.is_yearly))
        if limit_fen is None:
            raise UnableToOffer(f"“{fee.name}”不在产品公示的收费项目中", field="fees", remedy="只能收取已公示的费用")
        if not 0 <= fee.amount_fen <= limit_fen:
            raise UnableToOffer(f"“{fee.name}”超过公示标准 {format_yuan(limit_fen)} 元", field="fees")
    if len({(fee.name, fee.is_yearly) for fee in offered}) < len(offered):
        raise UnableToOffer("同一收费项目不能重复列出", field="fees")
    return offered


def check_offer(terms: OfferTerms, asked_fen: int, product: ProductTerms) -> None:
    """Refuse an offer above what was asked for or outside what the product publishes (clause P3)."""
    most_fen = min(asked_fen, product.limit_max_fen)
    if type(terms.amount_fen) is not int or not 0 < terms.amount_fen <= most_fen:
        raise UnableToOffer(
            f"报价金额应大于零，且不超过申请金额和产品最高额度（{format_yuan(most_fen)} 元）", field="amount"
        )
    if not product.months_min <= terms.term_months <= product.months_max:
        raise UnableToOffer(
            f"期限应在产品公示的 {product.months_min} 至 {product.months_max} 个月之间", field="term_months"
        )
    if not (terms.annual_rate.is_finite() and 0 <= terms.annual_rate <= product.rate_max):
        most = f"{(product.rate_max * 100).normalize():f}%"
        raise UnableToOffer(f"年利率不能为负，也不能高于产品公示的最高利率 {most}", field="annual_rate")
    if -int(terms.annual_rate.as_tuple().exponent) > 6:
        raise UnableToOffer("利率最多四位小数（百分数）", field="annual_rate")
    if terms.repayment_method not in product.methods:
        published = "、".join(method.label for method in product.methods)
        raise UnableToOffer(f"该产品未公示此还款方式，可选：{published}", field="repayment_method")
    if len(terms.conditions) > MOST_CONDITIONS:
        raise UnableToOffer(f"条件最多 {MOST_CONDITIONS} 条", field="conditions")


@dataclass(frozen=True, slots=True)
class Cost:
    """What an offer costs: the compound all-in annual rate, and interest plus fees in fen."""

    all_in_annual_rate: Decimal
    cost_fen: int


def cost_of(terms: OfferTerms, fees: Iterable[OfferFee], started_on: date) -> Cost:
    """Return the cost of an offer if it were disbursed on a day, interest on actual days/360 as contract and loan."""
    agreed = Terms(
        terms.amount_fen, terms.annual_rate, terms.repayment_method, DayCount.ACT_360, started_on, terms.term_months
    )
    lines = plan(agreed)
    paid = list(_payments(fees, terms.term_months, started_on))
    rate = annual_cost(terms.amount_fen, lines, started_on=started_on, fees=paid).compound
    return Cost(rate, sum(line.interest_fen for line in lines) + sum(fee.amount_fen for fee in paid))


def _payments(fees: Iterable[OfferFee], months: int, started_on: date) -> Iterable[Fee]:
    for fee in fees:
        for year in range(-(-months // MONTHS_A_YEAR) if fee.is_yearly else 1):
            day = min(started_on.day, 28)  # a day every month has: only the month counts
            yield Fee(date(started_on.year + year, started_on.month, day) if year else started_on, fee.amount_fen)
