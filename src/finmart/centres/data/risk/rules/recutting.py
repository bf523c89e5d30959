"""One column of a scorecard cut anew by people: bins counted again on the training rows, points proposed for them."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

import numpy as np

from finmart.centres.data.risk.rules import binning
from finmart.centres.data.risk.rules.binning import Binning, Flags, Floats
from finmart.centres.data.risk.rules.scorecard import FACTOR, Part
from finmart.centres.data.risk.types import UnableToChangeModel

MOST_BINS = 20  # a default of ours: more than that nobody reads


def cut(part: Part, column: Floats, bad: Flags, cuts: Sequence[float]) -> Part:
    """Return the column with these cuts, rising; a cut belongs to the bin above it, missing keeps its own bin.

    Raises UnableToChangeModel where cuts are not rising numbers, too many, or leave a bin without a training row.
    """
    if len(cuts) >= MOST_BINS or any(not isfinite(one) for one in cuts) or any(a >= b for a, b in pairwise(cuts)):
        raise UnableToChangeModel(
            "分界点应为从小到大、互不相同的数字", field="cuts", remedy=f"最多 {MOST_BINS - 1} 个，用空格分开"
        )
    return _counted(part, binning.cut_at(column, bad, cuts), "cuts")


def group(part: Part, column: Sequence[object], bad: Flags, groups: Sequence[Sequence[str]]) -> Part:
    """Return the column with one bin for each group of texts; texts in none fall to the rest.

    Raises UnableToChangeModel where a text is named twice, a group is empty or holds no training row, or are too many.
    """
    named = [text for texts in groups for text in texts]
    if len(groups) >= MOST_BINS or len(set(named)) != len(named) or not all(groups):
        raise UnableToChangeModel(
            "每个取值只能归入一箱，每箱至少一个取值", field="groups", remedy=f"每行一箱，最多 {MOST_BINS - 1} 行"
        )
    return _counted(part, binning.group_texts(column, bad, groups), "groups")


def _counted(part: Part, made: Binning, field: str) -> Part:
    for place, one in enumerate(made.bins):
        if not (one.goods + one.bads or one.is_missing or one.is_rest):
            raise UnableToChangeModel(
                f"第 {place + 1} 箱没有训练样本，无从得知风险", field=field, remedy="请合并到相邻的箱"
            )
    slope = slope_of(part)
    return Part(part.code, made, tuple(round(FACTOR * slope * one.weight) for one in made.bins), part.reason)


def slope_of(part: Part) -> float:
    """Return how much of its bins' weight a column gives as points: least squares over its rows, never below 0."""
    rows = np.array([one.goods + one.bads for one in part.binning.bins], dtype=np.float64)
    weights = np.array([one.weight for one in part.binning.bins])
    worth = float((rows * weights**2).sum())
    return max(0.0, float((rows * weights * np.array(part.points)).sum()) / worth / FACTOR) if worth else 0.0
