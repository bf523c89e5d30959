"""Rule sets over a whole population: for each, one bit per subject that meets it and one per subject left unknown.

A criterion is met by the cells of a few intervals, so its answers are the exclusive or of the planes "at least this
cell", one bit per subject. Such a plane is computed once for all criteria that share its edge. What follows is AND
and OR on words of 64 subjects, in blocks small enough to stay in the processor's cache, two blocks at a time.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.columns import Column, Population
from finmart.kit.criteria.criterion import Criterion, Operator, Value

Words: TypeAlias = NDArray[np.uint64]
Counts: TypeAlias = NDArray[np.int64]
_Key: TypeAlias = tuple[str, Operator, tuple[Value, ...]]
BLOCK = 8_192
_THREADS = 2
_COMPARED_AT_ONCE = 2**19
_ONES = np.uint64(2**64 - 1)
_BELOW = {Operator.NE, Operator.NOT_IN, Operator.LE, Operator.LT}


@dataclass(frozen=True, slots=True)
class _Turns:
    """The cells that meet a criterion: whether the lowest do, and the edges at which that turns, ascending."""

    begins_met: bool
    edges: tuple[int, ...]


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
    plan = _Plan(rule_sets, population)
    words = -(-population.size // 64)
    met, unknown = (np.empty((len(rule_sets), words), np.uint64) for _ in range(2))

    def work(worker: int) -> tuple[Counts, Counts]:
        block = _Block(plan, min(BLOCK, max(words, 1) * 64))
        met_counts, unknown_counts = (np.zeros(len(rule_sets), np.int64) for _ in range(2))
        for start in range(worker * BLOCK, population.size, _THREADS * BLOCK):
            part = slice(start // 64, min(start // 64 + BLOCK // 64, words))
            block.answer(start, met[:, part], unknown[:, part])
            met_counts += np.bitwise_count(met[:, part]).sum(axis=1, dtype=np.int64)
            unknown_counts += np.bitwise_count(unknown[:, part]).sum(axis=1, dtype=np.int64)
        return met_counts, unknown_counts

    with ThreadPoolExecutor(_THREADS) as pool:
        (met_counts, unknown_counts), *others = pool.map(work, range(_THREADS))
    for more_met, more_unknown in others:
        met_counts, unknown_counts = met_counts + more_met, unknown_counts + more_unknown
    return PopulationAnswers(population.size, met, unknown, met_counts, unknown_counts, plan.bytes_touched())


def _key(criterion: Criterion) -> _Key:
    return criterion.field, criterion.operator, criterion.operand


def _turns(population: Population, key: _Key) -> _Turns:
    field, operator, operand = key
    column = population.columns.get(field)
    if column is None or operator is Operator.EXISTS:
        return _Turns(begins_met=False, edges=())
    match operator:
        case Operator.GE | Operator.LT:
            edges = {column.cell_from(operand[0])}
        case Operator.GT | Operator.LE:
            edges = {column.cell_above(operand[0])}
        case Operator.BETWEEN:
            edges = {column.cell_from(operand[0])} ^ {column.cell_above(operand[1])}
        case _:
            edges = set()
            for value in operand:  # neighbours share an edge, which then turns twice: not at all
                edges ^= _span(column, value)
    return _Turns(begins_met=operator in _BELOW, edges=tuple(sorted(edges)))


def _span(column: Column, value: Value) -> set[int]:
    if isinstance(value, str):
        place = column.place_of(value)
        return set() if place is None else {place, place + 1}
    return {column.cell_from(value)} ^ {column.cell_above(value)}


class _Plan:
    """What to compute per block: edges per field, turns per distinct criterion, criteria per rule set."""

    def __init__(self, rule_sets: Sequence[Sequence[Criterion]], population: Population) -> None:
        self.population = population
        hard = [[_key(one) for one in rules if one.is_hard] for rules in rule_sets]
        keys = {key for rules in hard for key in rules}
        self.fields = sorted({field for field, _, _ in keys} & population.columns.keys())
        turns = {key: _turns(population, key) for key in keys}
        rows = sorted(keys, key=lambda key: (-len(turns[key].edges), turns[key].begins_met, key[0]))
        self.row_count = len(rows)
        self.edges = [
            sorted({edge for key in rows if key[0] == field for edge in turns[key].edges}) for field in self.fields
        ]
        plane = {
            (field, edge): place
            for place, (field, edge) in enumerate(
                (field, edge) for field, edges in zip(self.fields, self.edges, strict=True) for edge in edges
            )
        }
        self.plane_count = len(plane)
        most = len(turns[rows[0]].edges) if rows else 0
        self.turning = [
            np.array([plane[key[0], turns[key].edges[n]] for key in rows if len(turns[key].edges) > n], np.intp)
            for n in range(most)
        ]
        self.inverted = _stretches([turns[key].begins_met for key in rows])
        number = {field: place for place, field in enumerate(self.fields)}
        self.unknown_row = np.array([number.get(key[0], len(number)) for key in rows], np.intp)
        self.present = np.flatnonzero([key[1] is Operator.EXISTS and key[2] == (True,) for key in rows])
        self.absent = np.flatnonzero([key[1] is Operator.EXISTS and key[2] == (False,) for key in rows])
        row = {key: place for place, key in enumerate(rows)}
        widest = max([1, *map(len, hard)])
        padded = [[*(row[key] for key in keys), *[self.row_count] * (widest - len(keys))] for keys in hard]
        self.members = np.array(padded, np.intp).reshape(len(hard), widest).T.copy()

    def bytes_touched(self) -> int:
        """Return what all blocks together read and write: comparing, answering the criteria, joining them."""
        size, columns = self.population.size, self.population.columns
        cells: list[int] = [
            len(edges) * columns[field].cells.itemsize for field, edges in zip(self.fields, self.edges, strict=True)
        ]
        compared = sum(cells) + 2 * self.plane_count + 2 * len(self.fields)  # cells read, flags written and read
        turned = 3 * sum(len(turning) for turning in self.turning)
        inverted = 2 * sum(stretch.stop - stretch.start for stretch in self.inverted)
        widest, rule_sets = len(self.members), len(self.members[0])
        joined = 2 * (2 + 5 * (widest - 1)) * rule_sets
        kept = 9 * rule_sets  # copied, told apart, counted
        planes = self.plane_count + len(self.fields) + turned + inverted + 8 * self.row_count + joined + kept
        return int(size * compared + size // 8 * planes)


class _Block:
    """The arrays one worker fills again and again, so that they stay in its cache."""

    def __init__(self, plan: _Plan, size: int) -> None:
        self.plan = plan
        words = size // 64
        self.planes = np.zeros((plan.plane_count, words), np.uint64)
        self.missing = np.zeros((len(plan.fields) + 1, words), np.uint64)
        self.yes, self.maybe = (np.zeros((plan.row_count + 1, words), np.uint64) for _ in range(2))
        self.gathered = np.zeros((plan.members.shape[1], words), np.uint64)
        self.running = np.zeros_like(self.gathered)
        self.at_once = max(1, _COMPARED_AT_ONCE // size)
        self.compared = np.zeros((self.at_once, size), np.bool_)

    def answer(self, start: int, met: Words, unknown: Words) -> None:
        """Write the answers for the subjects from ``start`` on, a multiple of 64, as many as ``met`` has bits for."""
        plan, width = self.plan, met.shape[1]
        size = min(plan.population.size - start, width * 64)
        self._compare(start, size)
        rows = plan.row_count
        yes, maybe, missing = self.yes, self.maybe, self.missing
        if plan.turning:
            one_edge = plan.turning[0]
            np.take(self.planes, one_edge, axis=0, out=yes[: one_edge.size], mode="clip")
            yes[one_edge.size :] = 0
        for turning in plan.turning[1:]:
            yes[: turning.size] ^= self.planes.take(turning, axis=0)
        for stretch in plan.inverted:
            np.invert(yes[stretch], out=yes[stretch])
        np.take(missing, plan.unknown_row, axis=0, out=maybe[:rows], mode="clip")
        yes[:rows] |= maybe[:rows]
        maybe[:rows] ^= yes[:rows]
        yes, maybe = maybe, yes  # what was met or missing, less what was missing, is met
        yes[plan.present] = maybe[plan.present] = ~missing[plan.unknown_row[plan.present]]
        yes[plan.absent] = maybe[plan.absent] = missing[plan.unknown_row[plan.absent]]
        yes[rows] = maybe[rows] = _ONES
        tail = _ONES >> np.uint64(-size % 64)
        self._all(yes, met)
        self._all(maybe, unknown)
        met[:, -1] &= tail
        unknown[:, -1] &= tail
        np.bitwise_xor(unknown, met, out=unknown)  # whoever meets all fails none

    def _compare(self, start: int, size: int) -> None:
        """Fill the planes "at least this cell" and "missing"."""
        used = -(-size // 8)
        planes, missing = self.planes.view(np.uint8), self.missing.view(np.uint8)
        missing[-1] = 255
        first = 0
        for number, (field, edges) in enumerate(zip(self.plan.fields, self.plan.edges, strict=True)):
            column = self.plan.population.columns[field]
            missing[number, :used] = np.packbits(~column.is_known[start : start + size], bitorder="little")
            cells = column.cells[start : start + size]
            wanted = np.array(edges, cells.dtype)[:, None]
            for place in range(0, len(edges), self.at_once):
                some = wanted[place : place + self.at_once]
                compared = np.greater_equal(cells, some, out=self.compared[: some.size, :size])
                planes[first : first + some.size, :used] = np.packbits(compared, axis=1, bitorder="little")
                first += some.size

    def _all(self, answers: Words, found: Words) -> None:
        """Write the AND of each rule set's criteria into ``found``."""
        first, *others = self.plan.members
        np.take(answers, first, axis=0, out=self.running, mode="clip")
        for members in others:
            np.take(answers, members, axis=0, out=self.gathered, mode="clip")
            np.bitwise_and(self.running, self.gathered, out=self.running)
        found[:] = self.running[:, : found.shape[1]]


def _stretches(marks: Sequence[bool]) -> list[slice]:
    """Return the slices in which all marks are set."""
    ends = np.flatnonzero(np.diff(np.array([False, *marks, False], np.int8)))
    return [slice(int(start), int(stop)) for start, stop in ends.reshape(-1, 2)]
