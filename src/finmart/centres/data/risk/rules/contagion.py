"""How a shock spreads through exposures: threshold contagion and DebtRank. Pure; docs/algorithms/contagion.md.

Exposures stay a list of edges, so a thousand firms with a few guarantees each cost what their guarantees cost.
"""

import numpy as np
from numpy.typing import NDArray

from finmart.centres.data.risk.types import ExposureNetwork, ShockOutcome, Spread, SpreadMethod, UnableToSpread

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TOLERANCE = float(np.finfo(np.float64).eps) ** 0.2
"""DebtRank stops after the first round whose uncapped increments have a Euclidean norm of at most this (0.00074)."""
MOST_ROUNDS = 1000
ROUNDS_PER_NODE = 10


def spread(network: ExposureNetwork, shocked: Mask, method: SpreadMethod, *, scenario: str = "") -> Spread:
    """Return what becomes of the network when the ``shocked`` nodes fail. Raises UnableToSpread where none is."""
    if shocked.shape != network.buffers.shape or not shocked.any():
        raise UnableToSpread("没有指定由谁先倒下", field="shocked", remedy="请至少选择一个名单中的主体")
    if method is SpreadMethod.THRESHOLD:
        stress, losses, failed_in, rounds = _threshold(network, shocked)
    else:
        stress, losses, failed_in, rounds = _debtrank(network, shocked)
    shares = network.weights / network.weights.sum()
    original = float(shares[shocked].sum())
    outcome = ShockOutcome(
        scenario=scenario,
        original_stress=original,
        additional_stress=float(shares @ stress) - original,
        original_losses=float(network.buffers[shocked].sum()),
        additional_losses=float(losses.sum()),
        additional_defaults=int((failed_in > 0).sum()),
    )
    return Spread(outcome, stress, losses, failed_in, rounds)


def each_shock(network: ExposureNetwork, method: SpreadMethod) -> list[ShockOutcome]:
    """Return one outcome per node, in the network's order: what happens when it alone fails."""
    one_by_one = np.eye(len(network.names), dtype=np.bool_)
    return [
        spread(network, shocked, method, scenario=name).outcome
        for name, shocked in zip(network.names, one_by_one, strict=True)
    ]


_Path = tuple[Floats, Floats, NDArray[np.int64], int]


def _threshold(network: ExposureNetwork, shocked: Mask) -> _Path:
    """All of a failed node's debts are lost; a node fails when its losses reach its buffer; until nobody else fails."""
    failed_in = np.where(shocked, 0, -1)
    rounds = 0
    while True:
        losses = _passed_on(network, (failed_in >= 0).astype(np.float64))
        falling = (losses >= network.buffers) & (failed_in < 0)
        if not falling.any():
            stress = np.where(failed_in >= 0, 1.0, losses / network.buffers)
            return stress, losses, failed_in, rounds
        rounds += 1
        failed_in[falling] = rounds


def _debtrank(network: ExposureNetwork, shocked: Mask) -> _Path:
    """A node passes on the stress it newly took, and its stress never exceeds 1 (the delta form, stopped early)."""
    stress = shocked.astype(np.float64)
    failed_in = np.where(shocked, 0, -1)
    news, passed = stress.copy(), np.zeros_like(stress)
    rounds = 0
    while True:
        rounds += 1
        passed += news
        increments = _passed_on(network, news) / network.buffers
        capped = np.minimum(1.0, stress + increments)
        news, stress = capped - stress, capped
        failed_in[(stress >= 1.0) & (failed_in < 0)] = rounds
        size = float(np.sqrt(increments @ increments))
        if size <= TOLERANCE or rounds >= min(MOST_ROUNDS, ROUNDS_PER_NODE * len(stress)):
            return stress, _passed_on(network, passed), failed_in, rounds


def _passed_on(network: ExposureNetwork, stress: Floats) -> Floats:
    """Return what each lender loses where each borrower is worth 1 - ``stress`` of its debts."""
    lost = network.amounts * stress[network.borrowers]
    return np.asarray(np.bincount(network.lenders, weights=lost, minlength=len(network.names)), dtype=np.float64)
