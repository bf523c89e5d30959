"""Whether every number of a table tells something no other one tells."""

from collections.abc import Sequence

import polars as pl

from finmart.centres.data.profiles.types import FeatureCheck

PLACES = 6


def check(table: pl.DataFrame, codes: Sequence[str]) -> FeatureCheck:
    """Return which numbers are the same for every firm that has one, and which pairs agree for every firm.

    Two that are missing for the same firm agree there; numbers agree to six places.
    """
    rounded = table.select(pl.col(code).cast(pl.Float64).round(PLACES) for code in codes)
    constant = tuple(code for code in codes if rounded[code].drop_nulls().n_unique() < 2)
    first: dict[tuple[float | None, ...], str] = {}
    equal = []
    for code in codes:
        seen = first.setdefault(tuple(rounded[code].to_list()), code)
        if seen != code:
            equal.append((seen, code))
    known = {code: int(rounded[code].count()) for code in codes}
    return FeatureCheck(table.height, tuple(codes), known, constant, tuple(equal))
