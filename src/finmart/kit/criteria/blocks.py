"""One block of a population after the other through a plan: rows of words of 64 subjects, in arrays filled again.

What is compared cell by cell is made a block at a time. The rows of long ladders are so many that only a few words of
each fit into the processor's cache: they are made, and joined with the others, a strip of the block at a time.
"""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.columns import Cells
from finmart.kit.criteria.ladders import RUNGS
from finmart.kit.criteria.plan import Join, Plan

Words: TypeAlias = NDArray[np.uint64]
Counts: TypeAlias = NDArray[np.int64]
Ranks: TypeAlias = NDArray[np.intp]
_SHIFT = 13
BLOCK = 2**_SHIFT
STRIP = 2_048
ONES = np.uint64(2**64 - 1)
_COMPARED_AT_ONCE = 2**18
_MOST_SHIFTED = 2 ** (62 - _SHIFT)


class Block:
    """The arrays one worker fills again and again, so that they stay in its cache."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        words, strip, count = BLOCK // 64, STRIP // 64, plan.rule_set_count
        self.wide = np.zeros((plan.wide_count, words), np.uint64)
        self.wide[plan.everybody] = ONES
        self.planes = np.zeros((plan.lists.plane_count, words), np.uint64)
        self.compared = np.empty((_COMPARED_AT_ONCE // BLOCK, BLOCK), np.bool_)
        self.found, self.doubted, self.gathered, self.joined = (np.empty((count, words), np.uint64) for _ in range(4))
        self.rows = np.full((plan.long.all + 1, strip), ONES)
        self.pieces = self.rows[: plan.long.all].reshape(RUNGS, plan.long.piece_count, strip)
        self.brought = np.empty((plan.long.piece_count, strip), np.uint64)
        self.rungs = list(pairwise(self.pieces))
        tops = self.pieces[-1]
        self.tops = [(tops[before], tops[after], self.brought[after]) for before, after in plan.long.follow]
        self.word = np.arange(BLOCK) % STRIP // 64
        self.places = np.zeros((BLOCK // STRIP, len(plan.long.ladders), STRIP), np.intp)
        self.bits = np.tile(np.uint64(1) << (np.arange(STRIP, dtype=np.uint64) % np.uint64(64)), len(plan.long.ladders))
        self.narrow = [np.empty((count, strip), np.uint64) for _ in range(3)] if plan.long.ladders else []
        self.met_counts, self.unknown_counts = (np.zeros(count, np.int64) for _ in range(2))

    def answer(self, start: int, met: Words, unknown: Words) -> None:
        """Write the answers for the subjects from ``start`` on, a multiple of 64, as many as ``met`` has bits for."""
        width = met.shape[1]
        part = slice(start, min(start + width * 64, self.plan.population.size))
        self._tell_known(part)
        self._answer_lists(part)
        self._compare_short(part)
        _join(np.bitwise_and, self.wide, self.plan.wide_join, self.joined, self.gathered, self.found)
        _join(np.bitwise_or, self.wide, self.plan.doubt_join, self.joined, self.gathered, self.doubted)
        if self.plan.long.ladders:
            self._find_places(part)
            for number, first in enumerate(range(0, width, STRIP // 64)):
                strip = slice(first, first + STRIP // 64)
                self._climb(number, strip)
                joined, gathered, found = self.narrow
                _join(np.bitwise_and, self.rows, self.plan.long_join, joined, gathered, found)
                self.found[:, strip] &= found
        found, doubted = self.found[:, :width], self.doubted[:, :width]
        found[:, -1] &= ONES >> np.uint64(-(part.stop - start) % 64)
        np.bitwise_and(found, doubted, out=unknown)
        np.bitwise_xor(found, unknown, out=met)  # whoever fails none and leaves none unknown meets all
        self.met_counts += np.bitwise_count(met).sum(axis=1, dtype=np.uint32)
        self.unknown_counts += np.bitwise_count(unknown).sum(axis=1, dtype=np.uint32)

    def _tell_known(self, part: slice) -> None:
        fields = len(self.plan.fields)
        missing = self.wide[:fields]
        used = -(-(part.stop - part.start) // 8)
        for row, field in enumerate(self.plan.fields):
            known = self.plan.population.columns[field].is_known[part]
            missing.view(np.uint8)[row, :used] = np.packbits(~known, bitorder="little")
        np.invert(missing, out=self.wide[fields + 1 : self.plan.nobody])

    def _answer_lists(self, part: slice) -> None:
        plan, first = self.plan, 0
        for field, edges in plan.lists.planes:
            self._compare(np.greater_equal, field, part, edges, self.planes[first : first + len(edges)])
            first += len(edges)
        found = self.wide[plan.nobody + 1 : plan.nobody + 1 + len(plan.lists.rows)]
        found.fill(0)
        for turning in plan.lists.turning:
            found[: turning.size] ^= self.planes.take(turning, axis=0)
        for stretch in plan.lists.inverted:
            np.invert(found[stretch], out=found[stretch])
        found |= self.wide.take(plan.lists.missing, axis=0)

    def _compare_short(self, part: slice) -> None:
        """Fill the short ladders, threshold by threshold."""
        for ladder in self.plan.short:
            rows = self.wide[ladder.rows[0] : ladder.rows[-1] + 1]
            edges = list(reversed(ladder.edges)) if ladder.is_rising else list(ladder.edges)
            self._compare(np.greater_equal if ladder.is_rising else np.less, ladder.field, part, edges, rows)
            rows |= self.wide[self.plan.missing[ladder.field]]

    def _compare(self, holds: np.ufunc, field: str, part: slice, edges: list[int], planes: Words) -> None:
        """Fill one plane per edge with those whose cell ``holds`` against it."""
        cells = self.plan.population.columns[field].cells[part]
        used = -(-cells.size // 8)
        wanted = np.array(edges, cells.dtype)[:, None]
        for place in range(0, len(edges), len(self.compared)):
            some = wanted[place : place + len(self.compared)]
            compared = holds(cells, some, out=self.compared[: some.size, : cells.size])
            planes.view(np.uint8)[place : place + some.size, :used] = np.packbits(compared, axis=1, bitorder="little")

    def _find_places(self, part: slice) -> None:
        """Find, per long ladder, the word of the first row that takes each subject in."""
        ranks = np.zeros(BLOCK, np.intp)
        for ranked in self.plan.long.ranked:
            _rank(self.plan.population.columns[ranked.field].cells[part], ranked.edges, ranks)
            for number, rows in ranked.rows:
                found = (rows * (STRIP // 64)).take(ranks)
                found += self.word
                self.places[:, number] = found.reshape(-1, STRIP)

    def _climb(self, number: int, strip: slice) -> None:
        """Fill the rows of a strip: each subject's bit where it is first taken in, then every row into its next."""
        self.pieces.fill(0)
        np.add.at(self.rows.reshape(-1), self.places[number].reshape(-1), self.bits)  # no bit twice: the sum is an or
        for before, after in self.rungs:
            np.bitwise_or(before, after, out=after)
        missing = self.wide[self.plan.long.missing, strip]
        self.brought[: len(missing)] = missing
        self.pieces[-1, : len(missing)] |= missing
        for before, after, brought in self.tops:
            np.copyto(brought, before)
            np.bitwise_or(before, after, out=after)
        self.pieces[:-1] |= self.brought


def _join(how: np.ufunc, rows: Words, join: Join, joined: Words, gathered: Words, found: Words) -> None:
    """Write each rule set's rows, joined, into ``found``; the other two are room to work in."""
    first, *others = join.steps or [join.back]
    np.take(rows, first, axis=0, out=joined, mode="clip")
    for step in others:
        np.take(rows, step, axis=0, out=gathered[: step.size], mode="clip")
        how(joined[: step.size], gathered[: step.size], out=joined[: step.size])
    np.take(joined, join.back, axis=0, out=found, mode="clip")


def _rank(cells: Cells, edges: Cells, ranks: Ranks) -> None:
    """Write for each cell how many of the ascending edges it reaches."""
    if max(int(cells.max()), -int(cells.min())) >= _MOST_SHIFTED:
        ranks[: cells.size] = np.searchsorted(edges, cells, side="right")
        return
    both = cells.astype(np.int64) << _SHIFT  # put in order with their places, few edges are sought among many cells
    both |= np.arange(cells.size)
    both.sort()
    order = both & (2**_SHIFT - 1)
    both >>= _SHIFT
    bounds = np.empty(edges.size + 2, np.intp)
    bounds[0], bounds[1:-1], bounds[-1] = 0, np.searchsorted(both, edges), cells.size
    ranks[order] = np.repeat(np.arange(edges.size + 1), bounds[1:] - bounds[:-1])


def bytes_touched(plan: Plan) -> int:
    """Return what the operations on all blocks together read and write, in the cache or in memory."""
    size, columns, lists, long = plan.population.size, plan.population.columns, plan.lists, plan.long
    compared = [*lists.planes, *((ladder.field, ladder.edges) for ladder in plan.short)]
    flags = sum(len(edges) * (columns[field].cells.itemsize + 2) for field, edges in compared) + 3 * len(plan.fields)
    ordered = sum(columns[ranked.field].cells.itemsize + 104 for ranked in long.ranked)  # sorted, taken apart, placed
    placed = 88 * len(long.ladders)
    inverted = sum(stretch.stop - stretch.start for stretch in lists.inverted)
    listed = lists.plane_count + 6 * len(lists.rows) + 5 * sum(map(len, lists.turning)) + 2 * inverted
    short = 4 * sum(len(ladder.edges) for ladder in plan.short)
    climbed = 7 * long.all + 5 * long.piece_count  # emptied; each row into its next; what came before a piece into it
    joined = sum(join.passes for join in (plan.wide_join, plan.doubt_join, plan.long_join))
    told = 13 * plan.rule_set_count  # wide and long together, met told from unknown, both counted
    bits = 3 * len(plan.fields) + listed + short + climbed + joined + told
    return int(size * (flags + ordered + placed) + size // 8 * bits)
