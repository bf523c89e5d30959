"""Who would lose how much with whom, and what became of a shock."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class UnableToSpread(Refusal):
    """The exposures or the balances are no network a shock could spread through."""

    code = "UNABLE_TO_SPREAD"


class SpreadMethod(Code):
    """How a shock spreads; both are written down in docs/algorithms/contagion.md."""

    DEBTRANK = "DEBTRANK", "DebtRank（压力按比例传导）"
    THRESHOLD = "THRESHOLD", "门槛传染（亏完资本才传导）"


@dataclass(frozen=True, slots=True, eq=False)
class ExposureNetwork:
    """Exposures between nodes, one row each: ``lenders[k]`` loses ``amounts[k]`` where ``borrowers[k]`` fails.

    ``buffers`` is the capital that losses eat before a node fails, ``weights`` how much a node counts in the stress of
    the whole. Positions refer to ``names``; all amounts are in one unit, whichever it is.
    """

    names: tuple[str, ...]
    lenders: NDArray[np.int64]
    borrowers: NDArray[np.int64]
    amounts: NDArray[np.float64]
    buffers: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShockOutcome:
    """One row: the failed nodes' own share, and what came on top. Stress is a share of all weights, losses an amount.

    ``additional_losses`` are lost exposures, not capped by the capital of who bears them.
    """

    scenario: str
    original_stress: float
    additional_stress: float
    original_losses: float
    additional_losses: float
    additional_defaults: int


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What a shock did to every node: its stress (0 untouched, 1 failed), its lost exposures, the round it failed in.

    ``failed_in`` is 0 for the shocked, -1 for those that stand.
    """

    outcome: ShockOutcome
    stress: NDArray[np.float64]
    losses: NDArray[np.float64]
    failed_in: NDArray[np.int64]
    rounds: int
