"""What rule sets ask of a population, laid out as rows of one bit per subject before a subject is looked at.

A row holds who meets a criterion *or has no value for it*. A criterion of one threshold is such a row, BETWEEN is two
(``ladders``). What a list or an equality asks is the exclusive or of the planes "at least this cell".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from finmart.kit.criteria.columns import Column, Population
from finmart.kit.criteria.criterion import Criterion, Operator, Value
from finmart.kit.criteria.ladders import LongLadders, Places, asked_by, short_ladders, sides

Key: TypeAlias = tuple[str, Operator, tuple[Value, ...]]
_BESIDE = {Operator.NE, Operator.NOT_IN}


@dataclass(frozen=True, slots=True)
class _Turns:
    """The cells that meet a criterion: whether the lowest do, and the edges at which that turns, ascending."""

    begins_met: bool
    edges: tuple[int, ...]


def _turns(column: Column, operator: Operator, operand: tuple[Value, ...]) -> _Turns:
    edges: set[int] = set()
    for value in operand:  # neighbours share an edge, which then turns twice: not at all
        edges ^= _span(column, value)
    return _Turns(operator in _BESIDE, tuple(sorted(edges)))


def _span(column: Column, value: Value) -> set[int]:
    if isinstance(value, str):
        place = column.place_of(value)
        return set() if place is None else {place, place + 1}
    return {column.cell_from(value)} ^ {column.cell_above(value)}


class Lists:
    """The criteria of lists and equalities, those with most edges first, from row ``first`` on.

    ``planes`` are the edges per field; ``turning[n]`` the planes at which the criteria turn that turn n + 1 times.
    """

    def __init__(self, keys: Sequence[Key], columns: Mapping[str, Column], missing: Mapping[str, int]) -> None:
        turns = {key: _turns(columns[key[0]], key[1], key[2]) for key in keys}
        ordered = sorted(keys, key=lambda key: (-len(turns[key].edges), turns[key].begins_met, key[0]))
        edges = sorted({(key[0], edge) for key in ordered for edge in turns[key].edges})
        plane = {edge: place for place, edge in enumerate(edges)}
        self.rows = {key: row for row, key in enumerate(ordered)}
        self.planes = [(field, [edge for one, edge in edges if one == field]) for field in missing]
        self.plane_count = len(plane)
        most = max((len(turn.edges) for turn in turns.values()), default=0)
        self.turning = [
            np.array([plane[key[0], turns[key].edges[n]] for key in ordered if len(turns[key].edges) > n], np.intp)
            for n in range(most)
        ]
        self.inverted = _stretches([turns[key].begins_met for key in ordered])
        self.missing: Places = np.array([missing[key[0]] for key in ordered], np.intp)


class Join:
    """Which rows each rule set joins: the first of all, the second of those that have one, and so on, most rows first.

    ``back`` brings the results, so ordered, into the order of the rule sets.
    """

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        order = sorted(range(len(rows)), key=lambda number: -len(rows[number]))
        longest = max(map(len, rows), default=0)
        self.steps = [np.array([rows[one][n] for one in order if len(rows[one]) > n], np.intp) for n in range(longest)]
        self.back = np.argsort(np.array(order, np.intp))

    @property
    def passes(self) -> int:
        """Return how many rows are read or written: copied and joined, then brought into order."""
        return 5 * sum(step.size for step in self.steps) - self.back.size


class Plan:
    """Which rows to make, and which of them each rule set joins.

    The *wide* rows are, per field, who has no value, then *everybody*; per field who has one, then *nobody*; the
    criteria of lists; the short ladders. The long ladders have rows of their own.
    """

    def __init__(self, rule_sets: Sequence[Sequence[Criterion]], population: Population) -> None:
        self.population, columns = population, population.columns
        hard = [[(one.field, one.operator, one.operand) for one in rules if one.is_hard] for rules in rule_sets]
        keys = dict.fromkeys(key for rules in hard for key in rules)
        self.fields = sorted({field for field, _, _ in keys} & columns.keys())
        self.everybody = len(self.fields)
        self.nobody = 2 * self.everybody + 1
        self.missing = {field: row for row, field in enumerate(self.fields)}
        compared = [key for key in keys if key[0] in columns and key[1] is not Operator.EXISTS]
        asked = {key: [(key[0], *one) for one in asked_by(columns[key[0]], key[1], key[2])] for key in compared}
        self.lists = Lists([key for key in compared if not asked[key]], columns, self.missing)
        found = sides({one for thresholds in asked.values() for one in thresholds})
        self.short = short_ladders(found, self.nobody + 1 + len(self.lists.rows))
        self.long = LongLadders(found, self.missing)
        self.wide_count = self.nobody + 1 + len(self.lists.rows) + sum(len(ladder.edges) for ladder in self.short)
        self.rule_set_count = len(hard)
        short, long = (
            dict(pair for ladder in ladders for pair in ladder.thresholds())
            for ladders in (self.short, self.long.ladders)
        )
        wide = {key: self._plain(key) + [short[one] for one in asked.get(key, []) if one in short] for key in keys}
        strip = {key: [long[one] for one in thresholds if one in long] for key, thresholds in asked.items()}
        doubt = {key: [] if key[1] is Operator.EXISTS else [self.missing.get(key[0], self.everybody)] for key in keys}
        self.wide_join = Join([[row for key in rules for row in wide[key]] or [self.everybody] for rules in hard])
        self.long_join = Join(
            [[row for key in rules for row in strip.get(key, ())] or [self.long.all] for rules in hard]
        )
        self.doubt_join = Join(
            [sorted({row for key in rules for row in doubt[key]}) or [self.nobody] for rules in hard]
        )

    def _plain(self, key: Key) -> list[int]:
        """Return the row of a criterion that asks no threshold; none where nobody has a value to fail by."""
        field, operator, operand = key
        if operator is Operator.EXISTS:
            missing = self.missing.get(field, self.everybody)
            return [missing + self.everybody + 1 if operand == (True,) else missing]
        return [self.nobody + 1 + self.lists.rows[key]] if key in self.lists.rows else []


def _stretches(marks: Sequence[bool]) -> list[slice]:
    """Return the slices in which all marks are set."""
    ends = np.flatnonzero(np.diff(np.array([False, *marks, False], np.int8)))
    return [slice(int(start), int(stop)) for start, stop in ends.reshape(-1, 2)]
