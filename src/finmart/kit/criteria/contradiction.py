"""Criteria that no value can meet together, found before anybody waits for a match."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from finmart.kit.criteria.compiled import CompiledRules
from finmart.kit.criteria.criterion import Criterion, Field, FieldKind, Operator, Value


def contradiction(criteria: Iterable[Criterion], fields: Mapping[str, Field]) -> tuple[Criterion, ...]:
    """Return hard criteria of one field that nobody can meet together: a single one, a pair, or all of the field.

    Empty where every field leaves a way. A missing value meets nothing but "no record".
    """
    by_field: dict[str, list[Criterion]] = {}
    for one in criteria:
        if one.is_hard:
            by_field.setdefault(one.field, []).append(one)
    for code, asked in by_field.items():
        if _can_be_met(asked, fields[code]):
            continue
        fewer = [*((one,) for one in asked), *combinations(asked, 2)]
        return next((some for some in fewer if not _can_be_met(some, fields[code])), tuple(asked))
    return ()


def _can_be_met(criteria: Sequence[Criterion], field: Field) -> bool:
    rules = CompiledRules({field.code: field}, [criteria])
    return any(bool((rules.evaluate({field.code: value}).states == 1).all()) for value in _candidates(criteria, field))


def _candidates(criteria: Sequence[Criterion], field: Field) -> list[Value | None]:
    """Return a value of every kind that the criteria can tell apart, and None."""
    named = {value for one in criteria if one.operator is not Operator.EXISTS for value in one.operand}
    match field.kind:
        case FieldKind.BOOLEAN:
            return [None, True, False]
        case FieldKind.TEXT:
            strange = next(text for text in (f"#{number}" for number in range(len(named) + 1)) if text not in named)
            return [None, *(field.choices or {*map(str, named), strange})]
        case FieldKind.INTEGER:
            numbers = {int(value) for value in named}
            return [None, 0, *{near for value in numbers for near in (value - 1, value, value + 1)}]
        case FieldKind.DECIMAL:
            ordered = sorted(Decimal(value) for value in named)
            between = [(low + high) / 2 for low, high in pairwise(ordered)]
            beyond = [ordered[0] - 1, ordered[-1] + 1] if ordered else [Decimal(0)]
            return [None, *ordered, *between, *beyond]
