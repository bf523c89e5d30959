"""Values that meet several criteria on one field together: all of them that the criteria can tell apart."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from finmart.kit.criteria.columns import PLACES
from finmart.kit.criteria.compiled import CompiledRules
from finmart.kit.criteria.criterion import Criterion, Field, FieldKind, Operator, State, Value

_STEP = Decimal(1).scaleb(-PLACES)


@lru_cache(maxsize=4096)
def values_meeting(criteria: tuple[Criterion, ...], field: Field) -> tuple[Value | None, ...]:
    """Return one value of every kind that meets all criteria, None among them where a missing value does.

    The number nearest to any that does not meet them is always among them, decimals to six places.
    """
    rules = CompiledRules({field.code: field}, [criteria])
    return tuple(
        value
        for value in _candidates(criteria, field)
        if bool((rules.evaluate({field.code: value}).states == State.MET).all())
    )


def nearest(values: Sequence[Value | None], to: int | Decimal) -> int | Decimal | None:
    """Return the number nearest to another, the lower of two as near; None where there is none."""
    numbers = [one for one in values if isinstance(one, int | Decimal) and not isinstance(one, bool)]
    return min(numbers, key=lambda one: (abs(one - to), one), default=None)


def _candidates(criteria: Sequence[Criterion], field: Field) -> list[Value | None]:
    """Return a value of every kind that the criteria can tell apart, and None."""
    named = {value for one in criteria if one.operator is not Operator.EXISTS for value in one.operand}
    match field.kind:
        case FieldKind.BOOLEAN:
            return [None, True, False]
        case FieldKind.TEXT:
            strange = next(text for text in (f"#{number}" for number in range(len(named) + 1)) if text not in named)
            return [None, *sorted(field.choices or {*map(str, named), strange})]
        case FieldKind.INTEGER:
            numbers = {int(value) for value in named}
            return [None, 0, *{near for value in numbers for near in (value - 1, value, value + 1)}]
        case FieldKind.DECIMAL:
            ordered = sorted(Decimal(value) for value in named)
            between = [(low + high) / 2 for low, high in pairwise(ordered)]
            beside = [near for value in ordered for near in (value - _STEP, value + _STEP)]
            return [None, Decimal(0), *ordered, *between, *beside]
