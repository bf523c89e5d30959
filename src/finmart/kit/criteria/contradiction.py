"""Criteria that no value can meet together, found before anybody waits for a match."""

from collections.abc import Iterable, Mapping
from itertools import combinations

from finmart.kit.criteria.criterion import Criterion, Field
from finmart.kit.criteria.meeting import values_meeting


def contradiction(criteria: Iterable[Criterion], fields: Mapping[str, Field]) -> tuple[Criterion, ...]:
    """Return hard criteria of one field that nobody can meet together: a single one, a pair, or all of the field.

    Empty where every field leaves a way. A missing value meets nothing but "no record".
    """
    by_field: dict[str, list[Criterion]] = {}
    for one in criteria:
        if one.is_hard:
            by_field.setdefault(one.field, []).append(one)
    for code, asked in by_field.items():
        if values_meeting(tuple(asked), fields[code]):
            continue
        fewer = [*((one,) for one in asked), *combinations(asked, 2)]
        return next((some for some in fewer if not values_meeting(some, fields[code])), tuple(asked))
    return ()
