"""No firm stands out by its attributes: groups that are too small lose attributes until they are large enough."""

from collections.abc import Sequence

import polars as pl

GENERAL = "其他"


def generalised(frame: pl.DataFrame, attributes: Sequence[str], k: int) -> tuple[pl.DataFrame, int]:
    """Return the frame with every combination of ``attributes`` shared by at least k rows, and how many lost them all.

    Rows of too small a group lose their last attribute first, then the one before it, and so on: the order says what
    matters most. Where fewer than k rows are left over at the end, rows of the smallest other group join them.
    """
    for place in range(len(attributes), 0, -1):
        small = pl.len().over(attributes) < k
        frame = frame.with_columns(
            pl.when(small).then(pl.lit(GENERAL)).otherwise(pl.col(attributes[place - 1])).alias(attributes[place - 1])
        )
    is_general = pl.all_horizontal([pl.col(one) == GENERAL for one in attributes])
    left = frame.filter(is_general).height
    if 0 < left < k and left < frame.height:
        sizes = frame.filter(~is_general).group_by(attributes).len().sort("len", *attributes)
        joined = sizes.head(1).select(attributes)
        marked = frame.join(joined.with_columns(pl.lit(value=True).alias("_joins")), on=list(attributes), how="left")
        frame = marked.with_columns(
            pl.when(pl.col("_joins").fill_null(value=False)).then(pl.lit(GENERAL)).otherwise(pl.col(one)).alias(one)
            for one in attributes
        ).drop("_joins")
    return frame, frame.filter(is_general).height


def smallest_group(frame: pl.DataFrame, attributes: Sequence[str]) -> int:
    """Return the k a frame holds: the size of its smallest group, 0 where it is empty."""
    return int(frame.group_by(attributes).len()["len"].min() or 0) if frame.height else 0  # type: ignore[arg-type]  # a number
