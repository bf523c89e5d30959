"""Made-up products: eight criteria each on nineteen facts, every operator among them, the same in every run."""

import random
from decimal import Decimal

from finmart.kit.criteria import Criterion, Field, FieldKind, Operator, Value, read_criterion

PRODUCTS = 10_000
CRITERIA = 8
_INTEGER, _DECIMAL, _TEXT, _BOOLEAN = FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.TEXT, FieldKind.BOOLEAN
FIELDS = {
    field.code: field
    for field in (
        *(Field(code, _INTEGER) for code in ("established_months", "capital_fen", "employees", "sales_fen", "tax_fen")),
        *(Field(code, _INTEGER) for code in ("active_months", "gap_months", "customers", "suppliers", "lawsuits")),
        *(Field(code, _DECIMAL) for code in ("growth", "volatility", "void_share", "top_customer_share")),
        *(Field(code, _TEXT) for code in ("grade", "section", "district", "size")),
        Field("high_tech", _BOOLEAN),
    )
}
CODES = {
    "grade": list("ABMCD"),
    "section": list("ABCDEFGHIJKLMNOPQRS"),
    "district": [f"3205{number:02d}" for number in range(5, 15)],
    "size": ["MICRO", "SMALL", "MEDIUM", "LARGE"],
}
_ORDERED = (Operator.GE, Operator.GE, Operator.LE, Operator.GT, Operator.LT, Operator.BETWEEN)
_LISTED = (Operator.IN, Operator.IN, Operator.NOT_IN, Operator.EQ, Operator.NE)


def threshold(chance: random.Random, field: Field, *, spread: bool) -> Value:
    """Return a round threshold as banks write them, or one of a spread so wide that hardly two are equal."""
    if field.kind is FieldKind.INTEGER:
        return chance.randrange(10**9) if spread else chance.choice([6, 12, 24, 36, 60, 100_000_00, 500_000_00])
    return Decimal(chance.randrange(10**6) if spread else chance.randrange(0, 10**6, 50_000)) / 10**6


def _criterion(chance: random.Random, code: str, *, spread: bool) -> Criterion:
    field = FIELDS[code]
    is_hard = chance.random() < 0.7
    if chance.random() < 0.02:
        return read_criterion(FIELDS, code, Operator.EXISTS, [True], is_hard=is_hard)
    if field.kind is FieldKind.BOOLEAN:
        return read_criterion(FIELDS, code, Operator.EQ, [chance.random() < 0.5], is_hard=is_hard)
    if field.kind is FieldKind.TEXT:
        operator = chance.choice(_LISTED)
        wide = operator in {Operator.IN, Operator.NOT_IN}
        listed = chance.sample(CODES[code], chance.randint(1, len(CODES[code]) // 2) if wide else 1)
        return read_criterion(FIELDS, code, operator, listed, is_hard=is_hard)
    operator = chance.choice(_ORDERED)
    ends = sorted(threshold(chance, field, spread=spread) for _ in range(2 if operator is Operator.BETWEEN else 1))
    return read_criterion(FIELDS, code, operator, ends, is_hard=is_hard)


def products(*, spread: bool) -> list[list[Criterion]]:
    """Return the rule sets, the same in every run."""
    chance = random.Random(20260702)  # noqa: S311 - a fixture
    return [
        [_criterion(chance, code, spread=spread) for code in chance.sample(sorted(FIELDS), CRITERIA)]
        for _ in range(PRODUCTS)
    ]
