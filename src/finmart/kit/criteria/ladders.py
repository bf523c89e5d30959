"""Thresholds of one field as rows of one bit per subject, in the order in which each row holds the one before it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.columns import Column
from finmart.kit.criteria.criterion import Operator, Value

Places: TypeAlias = NDArray[np.intp]
Threshold: TypeAlias = tuple[str, bool, int]
Side: TypeAlias = tuple[tuple[str, bool], tuple[int, ...]]
LONG = 80
RUNGS = 16


@dataclass(frozen=True, slots=True)
class Ladder:
    """The thresholds of one field that are asked "at least" (``is_rising``) or "below", ascending, and a row for each.

    A rising ladder's rows begin with its highest threshold. A long one has one row more, for those whom no threshold
    takes in.
    """

    field: str
    is_rising: bool
    edges: tuple[int, ...]
    rows: Places

    def thresholds(self) -> Iterator[tuple[Threshold, int]]:
        """Yield each threshold with its row."""
        edges = reversed(self.edges) if self.is_rising else self.edges
        return (((self.field, self.is_rising, edge), row) for edge, row in zip(edges, self.rows.tolist(), strict=False))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A field whose cells are put in order: the edges of its long ladders together, and for each ladder, by its number,
    the row that first takes in a cell which reaches none, one, two … of them.
    """

    field: str
    edges: Places
    rows: tuple[tuple[int, Places], ...]


def asked_by(column: Column, operator: Operator, operand: tuple[Value, ...]) -> list[tuple[bool, int]]:
    """Return what must hold together, each as (rising, edge); empty where no threshold says it."""
    match operator:
        case Operator.GE:
            return [(True, column.cell_from(operand[0]))]
        case Operator.GT:
            return [(True, column.cell_above(operand[0]))]
        case Operator.LT:
            return [(False, column.cell_from(operand[0]))]
        case Operator.LE:
            return [(False, column.cell_above(operand[0]))]
        case Operator.BETWEEN:
            return [(True, column.cell_from(operand[0])), (False, column.cell_above(operand[1]))]
        case _:
            return []


def sides(wanted: Iterable[Threshold]) -> list[Side]:
    """Return thresholds by field and direction, ascending, the sides with most of them first."""
    edges: dict[tuple[str, bool], list[int]] = {}
    for field, is_rising, edge in sorted(wanted):
        edges.setdefault((field, is_rising), []).append(edge)
    ordered = sorted(edges.items(), key=lambda one: -len(one[1]))
    return [(side, tuple(ascending)) for side, ascending in ordered]


def short_ladders(found: Iterable[Side], first: int) -> list[Ladder]:
    """Return the sides of few thresholds as ladders, one after the other from row ``first`` on."""
    ladders = []
    for side, edges in found:
        if len(edges) <= LONG:
            ladders.append(Ladder(*side, edges, np.arange(first, first := first + len(edges))))
    return ladders


class LongLadders:
    """The sides of many thresholds, cut into pieces of ``RUNGS`` rows, so that one operation takes all a step further.

    All first rows of pieces stand together, then all second ones. The pieces are the first ones of all ladders, those
    of most pieces before the others, then the second ones, and so on; in ``follow`` pieces stand beside the ones that
    they continue. One row comes after them: ``all``.
    """

    def __init__(self, found: Iterable[Side], missing: Mapping[str, int]) -> None:
        long = [(side, edges) for side, edges in found if len(edges) > LONG]
        pieces = [len(edges) // RUNGS + 1 for _, edges in long]
        counts = [sum(count > n for count in pieces) for n in range(max(pieces, default=0))]
        starts = [sum(counts[:n]) for n in range(len(counts) + 1)]
        self.piece_count = starts[-1]
        self.follow = [
            (slice(starts[n], starts[n] + counts[n + 1]), slice(starts[n + 1], starts[n + 2]))
            for n in range(len(counts) - 1)
        ]
        self.ladders: list[Ladder] = []
        for number, (side, edges) in enumerate(long):
            piece, rung = np.divmod(np.arange(len(edges) + 1), RUNGS)
            self.ladders.append(Ladder(*side, edges, rung * self.piece_count + np.take(starts, piece) + number))
        self.all = RUNGS * self.piece_count
        self.missing = np.array([missing[ladder.field] for ladder in self.ladders], np.intp)
        self.ranked = [_ranked(field, self.ladders) for field in dict.fromkeys(one.field for one in self.ladders)]


def _ranked(field: str, ladders: Sequence[Ladder]) -> Ranked:
    own = [(number, ladder) for number, ladder in enumerate(ladders) if ladder.field == field]
    edges = np.unique(np.array([edge for _, ladder in own for edge in ladder.edges], np.int64))
    rows = []
    for number, ladder in own:
        reached = np.searchsorted(np.array(ladder.edges, np.int64), edges, side="right")
        ascending = ladder.rows[::-1] if ladder.is_rising else ladder.rows
        rows.append((number, ascending[np.concatenate([[0], reached])]))
    return Ranked(field, edges, tuple(rows))
