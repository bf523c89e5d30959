"""A scorecard that people read and change: bins with whole points, a score that is their sum, reasons in points lost.

The weights of the bins go into one logistic regression in which no column may work against its own direction; one that
would gets no points. How strongly coefficients are drawn to zero is not chosen but averaged over: the coefficients
are the mean over five prior widths, which differ with hundreds of rows and hardly with many thousands. The points are
the model: what is scored, stored, replayed and tested is their sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from finmart.centres.data.risk.rules.binning import Binning, Flags, Floats, bin_numbers, bin_texts

# Defaults of ours: 600 points at 20 goods to 1 bad, 40 points double the odds.
BASE_POINTS, BASE_ODDS, DOUBLING = 600, 20.0, 40
FACTOR = DOUBLING / log(2)
PRIORS = (0.03, 0.1, 0.3, 1.0, 3.0)  # variances of a coefficient before the evidence
REASONS = 4

Columns = Mapping[str, Sequence[object] | Floats]


@dataclass(frozen=True, slots=True)
class Part:
    """One column of a scorecard: its bins, their points, and what firms are told where it costs them points.

    ``reason`` is None where the column is named by its own label, empty where it is never told as a reason.
    """

    code: str
    binning: Binning
    points: tuple[int, ...]
    reason: str | None = None

    @property
    def neutral(self) -> float:
        """The average points of the firms it was trained on: reasons count from here."""
        rows = np.array([b.goods + b.bads for b in self.binning.bins])
        return float((rows * np.array(self.points)).sum() / rows.sum())


@dataclass(frozen=True, slots=True)
class Scorecard:
    """``base`` plus the points of every part is the score; higher is safer."""

    base: int
    parts: tuple[Part, ...]

    def scores(self, columns: Columns) -> Floats:
        """Return each row's score."""
        whole = np.full(_height(columns), float(self.base))
        for part in self.parts:
            whole += np.array(part.points, dtype=np.float64)[part.binning.positions(columns[part.code])]
        return whole

    def chances(self, columns: Columns) -> Floats:
        """Return each row's probability of default."""
        return chance_of(self.scores(columns))

    def reasons(self, row: Mapping[str, object], most: int = REASONS) -> list[tuple[str, int]]:
        """Return the columns that cost a row most against the average, with the points they cost (whole, positive)."""
        lost = [
            (part.neutral - part.points[int(part.binning.positions([row.get(part.code)])[0])], part.code)
            for part in self.parts
            if part.reason != ""
        ]
        return [(code, round(cost)) for cost, code in sorted(lost, key=lambda one: -one[0])[:most] if round(cost) > 0]


def chance_of(score: Floats) -> Floats:
    """Return the probability of default that a score stands for."""
    return np.asarray(1 / (1 + BASE_ODDS * np.exp((score - BASE_POINTS) / FACTOR)), dtype=np.float64)


def fit(columns: Columns, bad: Flags) -> Scorecard:
    """Fit a scorecard: bin, weigh, turn into points. Every step sees these rows and no others."""
    binned = {code: _binned(column, bad) for code, column in columns.items()}
    intercept, slopes = _weigh(np.column_stack([b.weights(columns[code]) for code, b in binned.items()]), bad)
    parts = (
        Part(code, binning, tuple(round(FACTOR * slope * b.weight) for b in binning.bins))
        for (code, binning), slope in zip(binned.items(), slopes, strict=True)
    )
    base = BASE_POINTS + FACTOR * (intercept - log(BASE_ODDS))
    return Scorecard(round(base), tuple(part for part in parts if any(part.points)))


def _weigh(weights: Floats, bad: Flags) -> tuple[float, list[float]]:
    """Return intercept and slopes of the log odds of being good, all slopes zero or more."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - pages read cards and scores without waiting for it

    with threadpool_limits(limits=1):  # on tables this small threads wait for each other more than they work
        found = np.mean([_most_likely(weights, bad, prior) for prior in PRIORS], axis=0)
    return float(found[0]), [float(slope) for slope in found[1:]]


def _most_likely(weights: Floats, bad: Flags, prior: float) -> Floats:
    from scipy.optimize import minimize  # noqa: PLC0415 - pages read cards and scores without waiting for it

    good = (~bad).astype(np.float64)

    def loss(at: Floats) -> tuple[float, Floats]:
        logit, slopes = at[0] + weights @ at[1:], at[1:]
        over = 1 / (1 + np.exp(-logit)) - good
        worth = np.logaddexp(0, logit).sum() - good @ logit + slopes @ slopes / (2 * prior)
        return float(worth), np.concatenate([[over.sum()], weights.T @ over + slopes / prior])

    count = weights.shape[1]
    bounds = [(None, None), *[(0.0, None)] * count]
    found = minimize(loss, np.zeros(count + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def _binned(column: Sequence[object] | Floats, bad: Flags) -> Binning:
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        return bin_numbers(column, bad)
    return bin_texts(list(column), bad)


def _height(columns: Columns) -> int:
    return len(next(iter(columns.values())))
