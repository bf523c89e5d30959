"""What a product asks: of the need (amount, term, purpose, place, repayment) and of the firm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import CriterionField, LoanPurpose, ProductTerms, ProductView
from finmart.centres.business.matching.types import CriterionAnswer, SeenFact, UnableToMatch
from finmart.kit.criteria import Criterion, Field, FieldKind, Operator, State, Value, normal_value
from finmart.kit.finance import RepaymentMethod
from finmart.kit.money import MOST_FEN

MOST_MONTHS = 360  # as in the catalogue: ours, catches a slip
NEED_REGISTER: dict[str, CriterionField] = {
    field.code: field
    for field in (
        CriterionField("need_amount_fen", "申请金额", FieldKind.INTEGER, "元"),
        CriterionField("need_district", "用款区域", FieldKind.TEXT),
        CriterionField("need_method", "还款方式", FieldKind.TEXT, "", tuple(RepaymentMethod.choices())),
        CriterionField("need_purpose", "贷款用途", FieldKind.TEXT, "", tuple(LoanPurpose.choices())),
        CriterionField("need_term_months", "申请期限", FieldKind.INTEGER, "个月"),
    )
}
NEED_FIELDS: dict[str, Field] = {code: Field(code, field.kind) for code, field in NEED_REGISTER.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """One criterion with the field that gives it words."""

    criterion: Criterion
    field: CriterionField


def check_need(need: NeedTerms, districts: Iterable[str]) -> None:
    """Refuse a need that no product could answer. Raises UnableToMatch with the field at fault."""
    if not 0 < need.amount_fen <= MOST_FEN:
        raise UnableToMatch("申请金额必须大于零", field="amount", remedy="请填写大于零的金额")
    if not 1 <= need.term_months <= MOST_MONTHS:
        raise UnableToMatch(f"申请期限应在 1 至 {MOST_MONTHS} 个月之间", field="term_months")
    if need.district and need.district not in set(districts):
        raise UnableToMatch("用款区域不是本市区划", field="district", remedy="请从列表中选择")


def need_values(need: NeedTerms) -> dict[str, Value | None]:
    """Return what the need's own criteria look at; no district is unknown."""
    return {
        "need_amount_fen": need.amount_fen,
        "need_district": need.district or None,
        "need_method": str(need.repayment_method) if need.repayment_method else None,
        "need_purpose": str(need.purpose),
        "need_term_months": need.term_months,
    }


def asked_by(product: ProductView, need: NeedTerms, district_field: CriterionField) -> list[Asked]:
    """Return all criteria of a product in their fixed order: those on the need, then its own.

    The repayment method counts only where the firm prefers one, and then softly.
    """
    on_need = [Asked(one, _worded(one.field, district_field)) for one in _need_criteria(product.terms, need)]
    return on_need + [Asked(view.criterion, view.field) for view in product.criteria]


def count_on_need(terms: ProductTerms, need: NeedTerms) -> int:
    """Return how many of the criteria are on the need."""
    return sum(1 for _ in _need_criteria(terms, need))


def _worded(code: str, district_field: CriterionField) -> CriterionField:
    field = NEED_REGISTER[code]
    if code != "need_district":
        return field
    return CriterionField(field.code, field.label, field.kind, field.unit, district_field.choices)


def _need_criteria(terms: ProductTerms, need: NeedTerms) -> Iterable[Criterion]:
    yield Criterion("need_amount_fen", Operator.BETWEEN, (terms.limit_min_fen, terms.limit_max_fen))
    yield Criterion("need_term_months", Operator.BETWEEN, (terms.months_min, terms.months_max))
    if terms.purposes:
        yield Criterion("need_purpose", Operator.IN, tuple(sorted(str(one) for one in terms.purposes)))
    if terms.regions:
        yield Criterion("need_district", Operator.IN, tuple(sorted(terms.regions)))
    if need.repayment_method:
        yield Criterion("need_method", Operator.IN, tuple(sorted(str(one) for one in terms.methods)), is_hard=False)


def answer(asked: Asked, state: State, value: Value | None, fact: SeenFact | None) -> CriterionAnswer:
    """Return a criterion's answer in words, with "what is missing" where it is not met or unknown."""
    criterion, field = asked.criterion, asked.field
    demand = field.demand(criterion.operator, criterion.operand)
    return CriterionAnswer(
        text=f"{field.label} {demand}",
        state=state,
        is_hard=criterion.is_hard,
        seen=field.show(value),
        known_on=fact.known_on if fact else None,
        source=fact.source if fact else "",
        sentence=_sentence(field, demand, state, value),
    )


def _sentence(field: CriterionField, demand: str, state: State, value: Value | None) -> str:
    spaced = f" {demand}" if demand[0] in "≥＞≤＜" else demand
    match state:
        case State.MET:
            return ""
        case State.UNKNOWN:
            return f"缺少“{field.label}”，补充后可判断是否{spaced}"
        case State.NOT_MET:
            return f"{field.label}需{spaced}，当前 {field.show(value)}"


def typed_facts(facts: Iterable[SeenFact], fields: Mapping[str, Field]) -> dict[str, SeenFact]:
    """Return the facts that criteria may ask for, by code, each in its field's own type."""
    return {
        fact.code: SeenFact(fact.code, normal_value(fields[fact.code].kind, fact.value), fact.known_on, fact.source)
        for fact in facts
        if fact.code in fields
    }
