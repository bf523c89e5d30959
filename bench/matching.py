"""One firm × 10,000 products × 8 criteria beside GoRules zen-engine: every state and every value seen. Then a whole
city × 1,000 products beside OpenFisca and DuckDB, see ``bench.whole_city.measuring``.

Both sides get the same criteria and the same facts, a part of them missing, and are warm: ours compiled to columns,
theirs compiled to one expression per product (``zen.compile_expression``) that answers all eight criteria and the
values seen at once. That is the fastest way its Python interface offers: one call per criterion costs eight times as
much, and one expression for many products gains nothing (tried with 100). Its context holds only the facts asked for.
Thresholds stay below 2**53, where its numbers and ours are the same.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import zen

from bench.rows import Row, side_by_side
from bench.whole_city import measuring
from bench.whole_city.products import CODES, CRITERIA, FIELDS, PRODUCTS, products, threshold
from finmart.kit.criteria import CompiledRules, Criterion, FieldKind, Operator, Value, written

ROUNDS = 15
AT_LEAST = 200.0
_SIGNS = {"GE": ">=", "GT": ">", "LE": "<=", "LT": "<", "EQ": "==", "NE": "!="}


def firm(*, spread: bool) -> dict[str, Value | None]:
    """Return the facts of one firm; three of nineteen are missing."""
    chance = random.Random(7)  # noqa: S311 - a fixture
    facts: dict[str, Value | None] = {}
    for code, field in FIELDS.items():
        if field.kind is FieldKind.TEXT:
            facts[code] = chance.choice(CODES[code])
        else:
            facts[code] = True if field.kind is FieldKind.BOOLEAN else threshold(chance, field, spread=spread)
    return {**facts, "tax_fen": None, "grade": None, "void_share": None}


def expression(criteria: list[Criterion]) -> str:
    """Return one zen expression that answers a product: a list of state, value seen, state, value seen, …"""
    return "[" + ", ".join(f"{_state(criterion)}, {criterion.field}" for criterion in criteria) + "]"


def _state(criterion: Criterion) -> str:
    name = criterion.field
    if criterion.operator is Operator.EXISTS:
        return f"({name} == null ? 0 : 1)"
    texts = [f"'{text}'" if FIELDS[name].kind is FieldKind.TEXT else text for text in written(criterion.operand)]
    match criterion.operator:
        case Operator.BETWEEN:
            met = f"{name} >= {texts[0]} and {name} <= {texts[1]}"
        case Operator.IN:
            met = f"{name} in [{', '.join(texts)}]"
        case Operator.NOT_IN:
            met = f"{name} not in [{', '.join(texts)}]"
        case operator:
            met = f"{name} {_SIGNS[operator]} {texts[0]}"
    return f"({name} == null ? 2 : ({met} ? 1 : 0))"


def _context(facts: dict[str, Value | None]) -> dict[str, Any]:
    return {code: float(value) if isinstance(value, Decimal) else value for code, value in facts.items()}


def _peer(rule_sets: list[list[Criterion]], facts: dict[str, Value | None]) -> Callable[[], list[list[Any]]]:
    """Return the peer's warm work: each product's expression with a context of the facts it asks for."""
    context = _context(facts)
    ready = [
        (zen.compile_expression(expression(rules)).evaluate, {one.field: context[one.field] for one in rules})
        for rules in rule_sets
    ]
    return lambda: [evaluate(needed) for evaluate, needed in ready]


def _row(work: str, *, spread: bool) -> Row:
    rule_sets, facts = products(spread=spread), firm(spread=spread)
    rules, theirs = CompiledRules(FIELDS, rule_sets), _peer(rule_sets, facts)
    answered, answers = rules.evaluate(facts), theirs()
    context = _context(facts)
    states = [int(answer[place]) for answer in answers for place in range(0, 2 * CRITERIA, 2)]
    values = [answer[place] for answer in answers for place in range(1, 2 * CRITERIA, 2)]
    ours_seen = [context[rules.fields[code]] for code in answered.seen.tolist()]
    plain = [answered.seen_by(place) for place in range(len(states))]
    equal = (
        answered.states.tolist() == states
        and ours_seen == values
        and plain == [facts[rules.fields[code]] for code in answered.seen.tolist()]
        and len(set(states)) == 3
    )
    ours, peer = side_by_side(lambda: rules.evaluate(facts), theirs, rounds=ROUNDS, inner=20)
    return Row.of_times(work, ours, peer, at_least=AT_LEAST, equal=equal)


def measure() -> list[Row]:
    """Return the rows of one firm, at round thresholds and at such of which hardly two are equal; then the city's."""
    size = f"1 firm × {PRODUCTS:,} products × {CRITERIA} criteria"
    return [
        _row(f"{size}, round thresholds, beside zen-engine (s)", spread=False),
        _row(f"{size}, all thresholds different, beside zen-engine (s)", spread=True),
        *measuring.measure(),
    ]
