"""What each side of the population bench yields: per product the bits of who meets it, who is unknown, and counts."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria import PopulationAnswers

Bits: TypeAlias = NDArray[np.uint8]


def packed(flags: NDArray[Any]) -> Bits:
    """Return one bit per firm, least first."""
    return np.packbits(flags, bitorder="little")


class Answers:
    """A peer's answers, filled product by product."""

    def __init__(self, products: int, firms: int) -> None:
        self.met, self.unknown = (np.zeros((products, -(-firms // 64) * 8), np.uint8) for _ in range(2))
        self.met_counts, self.unknown_counts = (np.zeros(products, np.int64) for _ in range(2))

    def keep(self, number: int, met: Bits, unknown: Bits) -> None:
        self.met[number, : met.size], self.unknown[number, : unknown.size] = met, unknown
        self.met_counts[number] = np.bitwise_count(met).sum(dtype=np.int64)
        self.unknown_counts[number] = np.bitwise_count(unknown).sum(dtype=np.int64)

    def are(self, ours: PopulationAnswers) -> bool:
        """Is every bit and every count the same as ours?"""
        return (
            np.array_equal(self.met, ours.met.view(np.uint8))
            and np.array_equal(self.unknown, ours.unknown.view(np.uint8))
            and np.array_equal(self.met_counts, ours.met_counts)
            and np.array_equal(self.unknown_counts, ours.unknown_counts)
        )
