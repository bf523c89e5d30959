"""Contagion through exposures, and circles of guarantees, that the caller brings."""

from collections.abc import Collection

import numpy as np
import polars as pl

from finmart.centres.data.risk.rules import contagion
from finmart.centres.data.risk.rules.exposure_tables import network_of
from finmart.centres.data.risk.rules.guarantees import GuaranteeGraph, Places
from finmart.centres.data.risk.types import (
    Circles,
    ExposureNetwork,
    GuaranteeFindings,
    Reach,
    ShockOutcome,
    Spread,
    SpreadMethod,
)


def contagion_of(exposures: pl.DataFrame, balances: pl.DataFrame, method: SpreadMethod) -> list[ShockOutcome]:
    """Return what happens when each node of two tables alone fails, one row each. Raises UnableToSpread."""
    return contagion.each_shock(network_of(exposures, balances), method)


def shock(network: ExposureNetwork, failing: Collection[int], method: SpreadMethod) -> Spread:
    """Return what happens when the nodes at these places fail together. Raises UnableToSpread where none is named."""
    shocked = np.zeros(len(network.names), dtype=np.bool_)
    shocked[list(failing)] = True
    return contagion.spread(network, shocked, method)


def guarantee_graph(firms: int, guarantors: Places, borrowers: Places) -> GuaranteeFindings:
    """Return what binds firms 0 … ``firms`` - 1, ``guarantors[k]`` answering for ``borrowers[k]``.

    Raises UnableToReadGuarantees.
    """
    graph = GuaranteeGraph(firms, guarantors, borrowers)
    return GuaranteeFindings(
        mutual=tuple((int(one), int(other)) for one, other in graph.mutual()),
        circles=tuple(tuple(circle.tolist()) for circle in graph.circles()),
        longest_chain=tuple(tuple(link.tolist()) for link in graph.longest_chain()),
    )


def circles_through(firms: int, guarantors: Places, borrowers: Places, firm: int) -> tuple[Circles, Reach]:
    """Return the simple circles of up to six firms through one, and its chains. Raises UnableToReadGuarantees."""
    graph = GuaranteeGraph(firms, guarantors, borrowers)
    return graph.circles_through(firm), graph.reach(firm)
