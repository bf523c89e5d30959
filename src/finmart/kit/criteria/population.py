"""Rule sets over a whole population: for each, one bit per subject that meets it and one per subject left unknown.

Each thing asked is a row of bits, made once for all criteria that share it (``plan``). What follows is AND and OR on
words of 64 subjects, in blocks small enough to stay in the processor's cache, two blocks at a time (``blocks``).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.blocks import BLOCK, Block, Counts, Words, bytes_touched
from finmart.kit.criteria.columns import Population
from finmart.kit.criteria.criterion import Criterion
from finmart.kit.criteria.plan import Plan

_THREADS = 2


@dataclass(frozen=True, slots=True)
class PopulationAnswers:
    """Per rule set, over its hard criteria together: who meets all, who fails none but has some unknown.

    ``met`` and ``unknown`` are rows of words; subject ``n`` is bit ``n % 64`` of word ``n // 64``, least first.
    ``bytes_touched`` counts what the array operations read and wrote.
    """

    size: int
    met: Words
    unknown: Words
    met_counts: Counts
    unknown_counts: Counts
    bytes_touched: int

    def flags(self, plane: Words, number: int) -> NDArray[np.bool_]:
        """Return a row of ``met`` or ``unknown`` as one truth value per subject."""
        return flags(plane[number], self.size)


def flags(row: Words, size: int) -> NDArray[np.bool_]:
    """Return a row of words as one truth value per subject."""
    return np.unpackbits(np.ascontiguousarray(row).view(np.uint8), count=size, bitorder="little").view(np.bool_)


def answer_all(rule_sets: Sequence[Sequence[Criterion]], population: Population) -> PopulationAnswers:
    """Answer every rule set for every subject in three-valued logic; soft criteria decide nothing and are left out."""
    plan = Plan(rule_sets, population)
    words = -(-population.size // 64)
    met, unknown = (np.empty((len(rule_sets), words), np.uint64) for _ in range(2))

    def work(worker: int) -> Block:
        block = Block(plan)
        for start in range(worker * BLOCK, population.size, _THREADS * BLOCK):
            part = slice(start // 64, min(start // 64 + BLOCK // 64, words))
            block.answer(start, met[:, part], unknown[:, part])
        return block

    with ThreadPoolExecutor(_THREADS) as pool:
        blocks = list(pool.map(work, range(_THREADS)))
    met_counts, unknown_counts = (
        np.add.reduce([getattr(block, name) for block in blocks]) for name in ("met_counts", "unknown_counts")
    )
    return PopulationAnswers(population.size, met, unknown, met_counts, unknown_counts, bytes_touched(plan))
