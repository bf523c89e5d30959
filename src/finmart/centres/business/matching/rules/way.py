"""The way to a product: the smallest set of changes that makes its hard criteria all met, in words.

Criteria on different fields do not touch each other, so whatever field fails must change, and nothing else need: the
set is the fields that fail, each moved to the nearest value that meets all that is asked of it.
"""

from collections.abc import Sequence
from decimal import Decimal

from finmart.centres.business.catalogue.types import CriterionField, ProductView
from finmart.centres.business.matching.rules import asking
from finmart.centres.business.matching.rules.asking import Asked
from finmart.centres.business.matching.rules.outcomes import Inputs
from finmart.centres.business.matching.types import Outcome, Step
from finmart.kit.criteria import State, Value, nearest, values_meeting

ONLY_GROWS = frozenset({"established_months"})
MOST_NAMED = 5


def steps(inputs: Inputs, product: ProductView, outcome: Outcome) -> tuple[Step, ...]:
    """Return what must change for a product: what can be done, what must be supplied, what cannot be had."""
    on_need = asking.need_values(inputs.need)
    by_field: dict[str, list[Asked]] = {}
    failing: set[str] = set()
    for one, state in zip(asking.asked_by(product, inputs.need, inputs.district), outcome.states, strict=True):
        if one.criterion.is_hard:
            by_field.setdefault(one.criterion.field, []).append(one)
            if state != State.MET:
                failing.add(one.criterion.field)
    found: list[Step] = []
    for code, asked in by_field.items():
        if code in failing:
            fact = inputs.facts.get(code)
            found.append(_step(inputs, asked, fact.value if fact else on_need.get(code)))
    return tuple(sorted(found, key=lambda step: (not step.is_possible, step.target is None)))


def _step(inputs: Inputs, asked: Sequence[Asked], value: Value | None) -> Step:
    code, shown = asked[0].criterion.field, asked[0].field
    field = inputs.fields.get(code) or asking.NEED_FIELDS[code]
    options = values_meeting(tuple(one.criterion for one in asked), field)
    demand = "，且".join(one.field.demand(one.criterion.operator, one.criterion.operand) for one in asked)
    if not options:
        return Step(code, None, f"“{shown.label}”的条件（{demand}）互相矛盾，没有企业能满足", is_possible=False)
    if options == (None,):
        return Step(code, None, f"“{shown.label}”须无记录，现为 {shown.show(value)}", is_possible=False)
    if value is None:
        return Step(code, None, f"补充“{shown.label}”（须{demand}）", is_possible=True)
    if isinstance(value, bool | str):
        return _chosen(shown, [one for one in options if one is not None], value, demand)
    return _moved(shown, nearest(options, value), value)


def _chosen(shown: CriterionField, options: Sequence[Value], value: Value, demand: str) -> Step:
    listed = [code for code, _ in shown.choices]
    ordered = sorted(dict.fromkeys(options), key=lambda one: listed.index(str(one)) if str(one) in listed else 0)
    named = "或".join(shown.show(one) for one in ordered)
    words = named if len(ordered) <= MOST_NAMED else f"其他（须{demand}）"
    return Step(shown.code, ordered[0], f"“{shown.label}”由 {shown.show(value)}变为 {words}", is_possible=True)


def _moved(shown: CriterionField, target: int | Decimal | None, value: int | Decimal) -> Step:
    if target is None:
        raise ValueError(f"{shown.code} has no number that meets its criteria")
    more = target > value
    gap, to = shown.show(abs(Decimal(target) - Decimal(value))), shown.show(target)
    if shown.code in asking.NEED_FIELDS:
        sentence = f"把{shown.label}由 {shown.show(value)}{'提高' if more else '降'}到 {to}"
    elif shown.code not in ONLY_GROWS:
        sentence = f"{shown.label}{'增加' if more else '减少'} {gap}，{'达' if more else '降'}到 {to}"
    elif more:
        sentence = f"再过 {gap}，{shown.label}达到 {to}"
    else:
        sentence = f"{shown.label} {shown.show(value)}，已超过 {to}，不会再减少"
    return Step(shown.code, target, sentence, is_possible=more or shown.code not in ONLY_GROWS)
