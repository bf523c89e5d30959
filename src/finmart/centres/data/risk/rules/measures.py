"""How well probabilities of default tell outcomes."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.types import CalibrationRow, Confusion, GroupRow

THRESHOLD = 0.5
RESAMPLES = 200
FEWEST_OF_A_GROUP = 5  # smaller groups are joined before anything is shown of them: a default of ours
GROUPS = 10
JOINED = "其他（合并）"
LEAST_SHARE = 1e-4  # an empty group of the stability index counts as this share


def auc(chances: Floats, bad: Flags) -> float:
    """Return the chance that a bad row has a higher probability than a good one."""
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - pages read cards and scores without waiting for it

    return float(roc_auc_score(bad, chances))


def ks(chances: Floats, bad: Flags) -> float:
    """Return the largest distance between the distributions of bad and good rows (Kolmogorov–Smirnov)."""
    from sklearn.metrics import roc_curve  # noqa: PLC0415 - pages read cards and scores without waiting for it

    good_share, bad_share, _ = roc_curve(bad, chances)
    return float(np.max(bad_share - good_share))


def brier(chances: Floats, bad: Flags) -> float:
    """Return the mean squared distance between probability and outcome."""
    from sklearn.metrics import brier_score_loss  # noqa: PLC0415 - pages read cards and scores without waiting for it

    return float(brier_score_loss(bad, chances))


def confusion(chances: Floats, bad: Flags, threshold: float = THRESHOLD) -> Confusion:
    """Count outcomes at and above the threshold and below it."""
    flagged = chances >= threshold
    return Confusion(
        threshold, int((flagged & bad).sum()), int((flagged & ~bad).sum()), int((~flagged & bad).sum()),
        int((~flagged & ~bad).sum()),
    )  # fmt: skip


def resampled_spread(chances: Floats, bad: Flags, seed: int) -> float:
    """Return the deviation of the AUC over resamples of the rows, good and bad ones apart."""
    chance = np.random.default_rng(seed)
    goods, bads = chances[~bad], chances[bad]
    found = [
        auc(np.concatenate([chance.choice(goods, goods.size), chance.choice(bads, bads.size)]),
            np.arange(goods.size + bads.size) >= goods.size)
        for _ in range(RESAMPLES)
    ]  # fmt: skip
    return float(np.std(found, ddof=1))


def calibration(chances: Floats, bad: Flags, groups: int = GROUPS) -> tuple[CalibrationRow, ...]:
    """Return expected and observed default rates over about equal groups from low to high probability."""
    order = np.argsort(chances, kind="stable")
    return tuple(
        CalibrationRow(int(part.size), float(chances[part].mean()), float(bad[part].mean()))
        for part in np.array_split(order, min(groups, max(1, bad.size // 10)))
        if part.size
    )


def stability(expected: Floats, actual: Floats, groups: int = GROUPS) -> float:
    """Return the population stability index of two samples over the tenths of the first.

    Below 0.1 is taken as stable, above 0.25 as shifted (usual marks of the trade, defaults of ours). Missing values
    (nan) are a group of their own.
    """
    known = expected[~np.isnan(expected)]
    edges = np.unique(np.quantile(known, np.arange(1, groups) / groups)) if known.size else np.array([])
    return index_of(_shares(expected, edges), _shares(actual, edges))


def tenths(chances: Floats) -> dict[str, list[float]]:
    """Return the edges of the tenths of a sample and the share in each, as a model keeps them of its training."""
    edges = np.unique(np.quantile(chances, np.arange(1, GROUPS) / GROUPS))
    return {"edges": edges.tolist(), "shares": _shares(chances, edges).tolist()}


def drift_of(kept: Mapping[str, list[float]], chances: Floats) -> float:
    """Return the stability index of chances told since, against what :func:`tenths` kept."""
    return index_of(kept["shares"], _shares(chances, np.array(kept["edges"])))


def index_of(before: Sequence[float] | Floats, after: Sequence[float] | Floats) -> float:
    """Return the stability index of two lists of shares of the same groups."""
    first, second = (np.maximum(np.asarray(shares, dtype=np.float64), LEAST_SHARE) for shares in (before, after))
    return float(((second - first) * np.log(second / first)).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    place = np.searchsorted(edges, values, side="right")
    place[np.isnan(values)] = edges.size + 1
    counts = np.bincount(place, minlength=edges.size + 2)
    return np.asarray(counts / max(values.size, 1), dtype=np.float64)


def gaps(
    chances: Floats, bad: Flags, groups: Sequence[str], threshold: float = THRESHOLD
) -> tuple[GroupRow, ...]:  # fmt: skip
    """Return how each group fares, the largest first; small ones as one, which is left out where it is small, too."""
    counts = Counter(groups)
    shown = [name if counts[name] >= FEWEST_OF_A_GROUP else JOINED for name in groups]
    named = np.array(shown)
    told = [name for name, count in sorted(Counter(shown).items()) if count >= FEWEST_OF_A_GROUP]
    rows = [_group(name, named == name, chances, bad, threshold) for name in told]
    return tuple(sorted(rows, key=lambda row: (-row.rows, row.group)))


def _group(name: str, rows: Flags, chances: Floats, bad: Flags, threshold: float) -> GroupRow:
    own = chances[rows]
    return GroupRow(
        name, int(rows.sum()), int(bad[rows].sum()), float(own.mean()), float((own < threshold).mean())
    )  # fmt: skip
