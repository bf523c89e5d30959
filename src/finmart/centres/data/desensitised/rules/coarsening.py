"""Values made coarse: bands for what describes a firm, two significant digits for what is measured of it."""

from collections.abc import Sequence
from typing import Any

import polars as pl

MISSING = "缺失"
# Upper bounds of bands and what they are called: defaults of ours.
YUAN_BANDS: tuple[tuple[float, str], ...] = (
    (100_0000_00, "不满100万"), (500_0000_00, "100万–500万"), (2000_0000_00, "500万–2000万"),
    (1_0000_0000_00, "2000万–1亿"), (float("inf"), "1亿以上"),
)  # fmt: skip
PEOPLE_BANDS: tuple[tuple[float, str], ...] = (
    (10, "不满10人"), (50, "10–49人"), (300, "50–299人"), (float("inf"), "300人以上"),
)  # fmt: skip
AGE_BANDS: tuple[tuple[float, str], ...] = (
    (12, "不满1年"), (36, "1–3年"), (120, "3–10年"), (float("inf"), "10年以上"),
)  # fmt: skip
DIGITS = 2


def banded(column: str, bands: Sequence[tuple[float, str]]) -> pl.Expr:
    """Return the band of a number as text, 缺失 where it is unknown."""
    made: Any = pl.when(pl.col(column).is_null() | pl.col(column).is_nan()).then(pl.lit(MISSING))
    for limit, label in bands:
        made = made.when(pl.col(column) < limit).then(pl.lit(label))
    chosen: pl.Expr = made.otherwise(pl.lit(bands[-1][1])).alias(column)
    return chosen


def rounded(value: float | None) -> float | None:
    """Return a number with :data:`DIGITS` significant digits; unknown stays unknown."""
    return None if value is None or value != value else float(f"{value:.{DIGITS}g}")  # noqa: PLR0124 - only nan differs
