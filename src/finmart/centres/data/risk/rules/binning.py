"""Cutting a column into bins whose risk only rises or only falls, and weighing them.

Missing has a bin of its own and is never a number. With enough bad rows a bin weighs its own evidence (WoE), the cuts
being the monotone ones with the most information, found by dynamic programming over quantiles. With few bad rows the
evidence of a bin is mostly chance: bins are then tenths of the column, weighed by their rank alone, and only the
direction is learnt from the outcomes. Small bins are drawn towards the average, so five firms never speak as fifty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isnan, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST_QUANTILES = 20
FEWEST_ROWS, FEWEST_SHARE = 20, 0.05  # a bin holds at least so many rows and so much of all: defaults of ours
DRAWN = 10.0  # average rows added to every bin before it is weighed: a default of ours
FEWEST_BADS = 100  # with fewer bad rows bins are weighed by rank: a default of ours
TENTHS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Numbers in [lower, upper), or the listed texts, or the missing.

    ``woe`` is what the outcomes in the bin say, > 0 better than the average; ``weight`` what the scorecard takes:
    the same, or the rank of the bin (see the module). ``is_missing`` marks the bin of missing values; ``is_rest``
    that of texts not listed elsewhere.
    """

    goods: int
    bads: int
    woe: float
    weight: float
    lower: float = float("-inf")
    upper: float = float("inf")
    texts: tuple[str, ...] = ()
    is_missing: bool = False
    is_rest: bool = False

    @property
    def bad_rate(self) -> float | None:
        count = self.goods + self.bads
        return self.bads / count if count else None


@dataclass(frozen=True, slots=True)
class Binning:
    """The bins of one column: numbers from low to high or texts by name, the rest, and the missing one at the end."""

    bins: tuple[Bin, ...]
    is_text: bool = False

    @property
    def information(self) -> float:
        """Information value: 0 tells nothing, above 0.5 is suspiciously much."""
        goods, bads = sum(b.goods for b in self.bins), sum(b.bads for b in self.bins)
        return sum((b.goods / goods - b.bads / bads) * b.woe for b in self.bins)

    def positions(self, column: Sequence[object] | Floats) -> NDArray[np.int64]:
        """Return which bin each value falls into."""
        if self.is_text:
            return self._of_texts(column)
        values = np.asarray(column, dtype=np.float64)
        uppers = np.array([b.upper for b in self.bins[:-2]])
        found = np.searchsorted(uppers, values, side="right").astype(np.int64)
        found[np.isnan(values)] = len(self.bins) - 1
        return found

    def weights(self, column: Sequence[object] | Floats) -> Floats:
        """Return the weight of each value's bin."""
        weight = np.array([b.weight for b in self.bins])
        return np.asarray(weight[self.positions(column)], dtype=np.float64)

    def _of_texts(self, column: Sequence[object] | Floats) -> NDArray[np.int64]:
        known = {text: place for place, b in enumerate(self.bins) for text in b.texts}
        rest, missing = len(self.bins) - 2, len(self.bins) - 1
        places = [missing if is_missing(value) else known.get(str(value), rest) for value in column]
        return np.array(places, dtype=np.int64)


def is_missing(value: object) -> bool:
    """Is there no value: None, not a number, or an empty text?"""
    return value is None or value == "" or (isinstance(value, float) and isnan(value))


def weight_of(goods: int, bads: int, all_goods: int, all_bads: int) -> float:
    """Return ln(share of goods / share of bads) of a bin with DRAWN average rows added; 0 for an empty bin."""
    rows = all_goods + all_bads
    drawn_goods, drawn_bads = goods + DRAWN * all_goods / rows, bads + DRAWN * all_bads / rows
    return log(drawn_goods / all_goods) - log(drawn_bads / all_bads)


def bin_numbers(column: Floats, bad: Flags) -> Binning:
    """Cut a numeric column (nan is missing). Both outcomes must occur in ``bad``."""
    known = ~np.isnan(column)
    values, flags = column[known], bad[known]
    by_rank = int(bad.sum()) < FEWEST_BADS
    fewest = max(FEWEST_ROWS, int(np.ceil(FEWEST_SHARE * bad.size)))
    pieces = TENTHS if by_rank else max(1, min(MOST_QUANTILES, 2 * values.size // fewest))
    edges = _quantiles(values, pieces)
    place = np.searchsorted(edges, values, side="right")
    bads = np.bincount(place[flags], minlength=edges.size + 1)
    goods = np.bincount(place[~flags], minlength=edges.size + 1)
    whole = _whole(bad)
    cuts = list(range(1, edges.size + 1)) if by_rank else _best_cuts(goods, bads, fewest, whole)
    bounds = [float("-inf"), *(float(edges[cut - 1]) for cut in cuts), float("inf")]
    starts = [0, *cuts, edges.size + 1]
    made = [
        _bin(int(goods[a:b].sum()), int(bads[a:b].sum()), whole, lower=lower, upper=upper)
        for (a, b), (lower, upper) in zip(pairwise(starts), pairwise(bounds), strict=True)
    ]
    return Binning((*(_ranked(made) if by_rank else made), _missing(~known, bad)))


def cut_at(column: Floats, bad: Flags, cuts: Sequence[float]) -> Binning:
    """Cut a numeric column where people want it cut (rising); weights as :func:`bin_numbers` would give these bins."""
    known = ~np.isnan(column)
    place = np.searchsorted(np.array(cuts, dtype=np.float64), column, side="right")
    bounds = [float("-inf"), *map(float, cuts), float("inf")]
    made = []
    for number, (lower, upper) in enumerate(pairwise(bounds)):
        rows = known & (place == number)
        goods, bads = int((rows & ~bad).sum()), int((rows & bad).sum())
        made.append(_bin(goods, bads, _whole(bad), lower=lower, upper=upper))
    by_rank = int(bad.sum()) < FEWEST_BADS and all(one.goods + one.bads for one in made)  # an empty bin has no rank
    return Binning((*(_ranked(made) if by_rank else made), _missing(~known, bad)))


def group_texts(column: Sequence[object], bad: Flags, groups: Sequence[Sequence[str]]) -> Binning:
    """Give each group of texts one bin, all others one together, the missing one."""
    gone = np.array([is_missing(value) for value in column])
    texts = np.array(["" if missing else str(value) for value, missing in zip(column, gone, strict=True)])
    made = [_counted(~gone & np.isin(texts, list(names)), bad, texts=tuple(names)) for names in groups]
    rest = ~gone & ~np.isin(texts, [text for names in groups for text in names])
    rest_bin = _bin(int((rest & ~bad).sum()), int((rest & bad).sum()), _whole(bad), is_rest=True)
    return Binning((*made, rest_bin, _missing(gone, bad)), is_text=True)


def _ranked(bins: list[Bin]) -> list[Bin]:
    """Return the bins weighed by the normal score of their middle rank, of deviation 1, better bins above 0.

    Which end is better is all that is learnt from the outcomes: the sign of the rank correlation.
    """
    rows = np.array([b.goods + b.bads for b in bins], dtype=np.float64)
    if len(bins) < 2:
        return [replace(b, weight=0.0) for b in bins]
    middle = (rows.cumsum() - rows / 2) / rows.sum()
    scores = np.array([NormalDist().inv_cdf(float(rank)) for rank in middle])
    scores -= (rows * scores).sum() / rows.sum()
    scores /= np.sqrt((rows * scores**2).sum() / rows.sum())
    goods, bads = np.array([b.goods for b in bins]), np.array([b.bads for b in bins])
    goods_rank = (goods * middle).sum() / max(goods.sum(), 1)
    direction = 1.0 if goods_rank >= (bads * middle).sum() / max(bads.sum(), 1) else -1.0
    return [replace(b, weight=float(direction * score)) for b, score in zip(bins, scores, strict=True)]


def bin_texts(column: Sequence[object], bad: Flags) -> Binning:
    """Give each text that is frequent enough a bin of its own, the others one together (also for unseen texts)."""
    gone = np.array([is_missing(value) for value in column])
    texts = np.array(["" if missing else str(value) for value, missing in zip(column, gone, strict=True)])
    fewest = max(FEWEST_ROWS, int(np.ceil(FEWEST_SHARE * bad.size)))
    listed, counts = np.unique(texts[~gone], return_counts=True)
    frequent = [str(text) for text, count in zip(listed, counts, strict=True) if count >= fewest]
    rest = ~gone & ~np.isin(texts, frequent)
    made = [_counted(texts == text, bad, texts=(text,)) for text in frequent]
    rest_bin = _bin(int((rest & ~bad).sum()), int((rest & bad).sum()), _whole(bad), is_rest=True)
    return Binning((*made, rest_bin, _missing(gone, bad)), is_text=True)


def _missing(gone: Flags, bad: Flags) -> Bin:
    return _counted(gone, bad, is_missing=True)


def _counted(rows: Flags, bad: Flags, *, texts: tuple[str, ...] = (), is_missing: bool = False) -> Bin:
    goods, bads = int((rows & ~bad).sum()), int((rows & bad).sum())
    return _bin(goods, bads, _whole(bad), texts=texts, is_missing=is_missing)


def _whole(bad: Flags) -> tuple[int, int]:
    return int((~bad).sum()), int(bad.sum())


def _bin(
    goods: int, bads: int, whole: tuple[int, int], *, lower: float = float("-inf"),
    upper: float = float("inf"), texts: tuple[str, ...] = (), is_missing: bool = False, is_rest: bool = False,
) -> Bin:  # fmt: skip
    woe = weight_of(goods, bads, *whole)
    return Bin(goods, bads, woe, woe, lower, upper, texts, is_missing, is_rest)


def _quantiles(values: Floats, pieces: int) -> Floats:
    """Return the inner edges of about equal pieces; an edge belongs to the piece above it."""
    if not values.size:
        return np.array([])
    edges = np.unique(np.quantile(values, np.arange(1, pieces) / pieces, method="closest_observation"))
    return np.asarray(edges[edges > values.min()], dtype=np.float64)


def _best_cuts(
    goods: NDArray[np.int64], bads: NDArray[np.int64], fewest: int, whole: tuple[int, int]
) -> list[int]:  # fmt: skip
    """Return where to cut the pieces: monotone, every bin large enough, the most information; [] where none is."""
    upward = _cuts(goods, bads, fewest, whole, sign=1)
    downward = _cuts(goods, bads, fewest, whole, sign=-1)
    return max(upward, downward)[1]


def _cuts(
    goods: NDArray[np.int64], bads: NDArray[np.int64], fewest: int, whole: tuple[int, int], *, sign: int
) -> tuple[float, list[int]]:
    """Return the information and the cuts of the best binning whose weights go one way.

    ``best[start, stop]`` is the best binning of the pieces before ``stop`` whose latest bin begins at ``start``.
    """
    good, bad = np.concatenate([[0], goods.cumsum()]), np.concatenate([[0], bads.cumsum()])
    pieces = len(goods)
    best: dict[tuple[int, int], tuple[float, list[int]]] = {}
    woes: dict[tuple[int, int], float] = {}
    for stop in range(1, pieces + 1):
        for start in range(stop):
            in_goods, in_bads = int(good[stop] - good[start]), int(bad[stop] - bad[start])
            if in_goods + in_bads < fewest and not (start == 0 and stop == pieces):
                continue
            woe = woes[start, stop] = weight_of(in_goods, in_bads, *whole)
            gain = (in_goods / whole[0] - in_bads / whole[1]) * woe
            before = [
                (worth + gain, [*cuts, start])
                for begun in range(start)
                if (begun, start) in best and sign * (woe - woes[begun, start]) > 0
                for worth, cuts in (best[begun, start],)
            ]
            if start == 0:
                best[start, stop] = (gain, [])
            elif before:
                best[start, stop] = max(before)
    return max(best[start, stop] for start, stop in best if stop == pieces)
