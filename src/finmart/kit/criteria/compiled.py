"""Rule sets compiled to columns: one subject against all of them in a few passes over arrays.

Numbers never become floats. Thresholds are sorted once, by Python's exact comparison of int and Decimal, and the
subject's value is placed among them by bisection; the arrays hold positions only. So 0.1 + 0.2 and fen above 2**53
compare as written.

Equal criteria (same field, operator, operand) are answered once and spread by one gather. Per field they lie in
segments in which one value's answers are runs: thresholds ascending, so ``>=`` is met up to a place and ``<=`` from
a place on; sets by an inverted index from value to the criteria that name it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.criterion import Criterion, Field, Operator, State, Value, normal_value

States: TypeAlias = NDArray[np.uint8]
Counts: TypeAlias = NDArray[np.int64]
_Key: TypeAlias = tuple[Operator, tuple[Value, ...]]
_NOT_MET, _MET, _UNKNOWN = (int(state) for state in State)  # an array takes a plain number in half the time
_RISING = frozenset({Operator.GE, Operator.GT})
_FALLING = frozenset({Operator.LE, Operator.LT})
_MEMBER = frozenset({Operator.EQ, Operator.IN})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers for one subject, flat in the order of compilation.

    ``states`` holds a :class:`State` code per criterion; ``values[seen[i]]`` is what criterion ``i`` saw, None
    where it is missing. ``seen`` is shared by all evaluations of the same rules.
    """

    states: States
    seen: NDArray[np.uint16]
    values: tuple[Value | None, ...]

    def seen_by(self, position: int) -> Value | None:
        return self.values[int(self.seen[position])]


@dataclass(frozen=True, slots=True)
class Tally:
    """Per rule set: how many hard and soft criteria were not met or unknown."""

    hard_not_met: Counts
    hard_unknown: Counts
    soft_not_met: Counts
    soft_unknown: Counts


class _Runs:
    """One-sided thresholds of a field, ascending."""

    def __init__(self, start: int, keys: Sequence[_Key], place: Mapping[Value, int]) -> None:
        self.start, self.end = start, start + len(keys)
        self.edges = [_edge(operator, place[operand[0]]) for operator, operand in keys]


def _edge(operator: Operator, place: int) -> int:
    """Return the first place a rising threshold meets, or the greatest a falling one does."""
    exact = 2 * place + 1
    return exact + (operator is Operator.GT) - (operator is Operator.LT)


class _FieldColumns:
    """All distinct criteria on one field, in segments of the answer column."""

    def __init__(self, field: Field, keys: Iterable[_Key], start: int) -> None:
        self.kind = field.kind
        parts: dict[str, list[_Key]] = defaultdict(list)
        for key in keys:
            parts[_part(key[0])].append(key)
        ordered = [operand for part in ("rising", "falling", "between") for _, operand in parts[part]]
        self.cuts: list[Value] = sorted({value for operand in ordered for value in operand})
        place = {value: number for number, value in enumerate(self.cuts)}
        for part in ("rising", "falling"):
            parts[part].sort(key=lambda key: _edge(key[0], place[key[1][0]]))
        self.order = [
            key for part in ("rising", "falling", "between", "member", "other", "exists") for key in parts[part]
        ]
        self.start, self.end = start, start + len(self.order)
        self.rising = _Runs(start, parts["rising"], place)
        self.falling = _Runs(self.rising.end, parts["falling"], place)
        between = parts["between"]
        self.between = slice(self.falling.end, self.falling.end + len(between))
        self.low = np.array([2 * place[operand[0]] + 1 for _, operand in between], np.int32)
        self.high = np.array([2 * place[operand[1]] + 1 for _, operand in between], np.int32)
        self.member = slice(self.between.stop, self.between.stop + len(parts["member"]))
        self.other = slice(self.member.stop, self.member.stop + len(parts["other"]))
        self.named_by = _inverted(parts["member"] + parts["other"], self.member.start)
        self.exists = slice(self.other.stop, self.end)
        self.wants_value = np.array([operand[0] for _, operand in parts["exists"]], np.uint8)

    def answer(self, value: Value | None, states: States) -> None:
        """Write the states of this field's criteria into their part of ``states``."""
        if value is None:
            states[self.start : self.exists.start] = _UNKNOWN
            states[self.exists] = 1 - self.wants_value
            return
        states[self.exists] = self.wants_value
        if self.cuts:
            self._answer_ordered(value, states)
        states[self.member] = _NOT_MET
        states[self.other] = _MET
        named = self.named_by.get(value)
        if named is not None:
            states[named] ^= 1

    def _answer_ordered(self, value: Value, states: States) -> None:
        place = bisect_left(self.cuts, value)
        cell = 2 * place + (place < len(self.cuts) and self.cuts[place] == value)
        rising, falling = self.rising, self.falling
        turn = rising.start + bisect_right(rising.edges, cell)
        states[rising.start : turn] = _MET
        states[turn : rising.end] = _NOT_MET
        turn = falling.start + bisect_left(falling.edges, cell)
        states[falling.start : turn] = _NOT_MET
        states[turn : falling.end] = _MET
        if self.low.size:
            reached = np.array(cell, np.int32)
            np.logical_and(self.low <= reached, self.high >= reached, out=states[self.between].view(np.bool_))


def _part(operator: Operator) -> str:
    if operator in _RISING:
        return "rising"
    if operator in _FALLING:
        return "falling"
    if operator in _MEMBER:
        return "member"
    return {Operator.BETWEEN: "between", Operator.EXISTS: "exists"}.get(operator, "other")


def _inverted(keys: Sequence[_Key], start: int) -> dict[Value, NDArray[np.intp]]:
    naming: dict[Value, list[int]] = defaultdict(list)
    for position, (_, operand) in enumerate(keys, start):
        for value in operand:
            naming[value].append(position)
    return {value: np.array(positions, np.intp) for value, positions in naming.items()}


class CompiledRules:
    """N rule sets compiled once. ``offsets[n]:offsets[n + 1]`` are the positions of rule set ``n``."""

    def __init__(self, fields: Mapping[str, Field], rule_sets: Sequence[Sequence[Criterion]]) -> None:
        flat = [criterion for rules in rule_sets for criterion in rules]
        self.offsets = np.concatenate([[0], np.cumsum([len(rules) for rules in rule_sets], dtype=np.int64)])
        self.is_hard = np.array([criterion.is_hard for criterion in flat], np.bool_)
        distinct: dict[str, dict[_Key, int]] = defaultdict(dict)
        for criterion in flat:
            distinct[criterion.field].setdefault((criterion.operator, criterion.operand), 0)
        self.fields = tuple(sorted(distinct))
        self._columns: list[_FieldColumns] = []
        self._distinct_count = 0
        for code in self.fields:
            columns = _FieldColumns(fields[code], distinct[code], self._distinct_count)
            self._columns.append(columns)
            distinct[code] = {key: position for position, key in enumerate(columns.order, columns.start)}
            self._distinct_count = columns.end
        number = {code: place for place, code in enumerate(self.fields)}
        self._spread = np.array([distinct[c.field][c.operator, c.operand] for c in flat], np.intp)
        self._seen = np.array([number[criterion.field] for criterion in flat], np.uint16)

    def evaluate(self, values: Mapping[str, object]) -> Evaluation:
        """Answer every criterion for one subject. ``values`` maps field code to value; absent or None is unknown.

        Raises :class:`UnableToReadCriterion` where a value is not of its field's kind.
        """
        distinct = np.empty(self._distinct_count, np.uint8)
        seen: list[Value | None] = []
        for code, columns in zip(self.fields, self._columns, strict=True):
            raw = values.get(code)
            value = None if raw is None else normal_value(columns.kind, raw)
            columns.answer(value, distinct)
            seen.append(value)
        return Evaluation(distinct.take(self._spread), self._seen, tuple(seen))

    def tally(self, evaluation: Evaluation) -> Tally:
        """Return the counts per rule set that decide and rank."""
        not_met, unknown = evaluation.states == State.NOT_MET, evaluation.states == State.UNKNOWN
        return Tally(
            hard_not_met=self._sums(not_met & self.is_hard),
            hard_unknown=self._sums(unknown & self.is_hard),
            soft_not_met=self._sums(not_met & ~self.is_hard),
            soft_unknown=self._sums(unknown & ~self.is_hard),
        )

    def _sums(self, mask: NDArray[np.bool_]) -> Counts:
        running: Counts = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
        sums: Counts = running[self.offsets[1:]] - running[self.offsets[:-1]]
        return sums
