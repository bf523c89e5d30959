"""Facts of many subjects as columns: whole numbers, the narrowest that hold them, and a mark where one is missing."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from finmart.kit.criteria.criterion import Field, FieldKind, UnableToReadCriterion, Value, normal_value

Cells: TypeAlias = NDArray[np.signedinteger[Any]]
Flags: TypeAlias = NDArray[np.bool_]
PLACES = 6
MOST_CELL = 2**62
_EXACT = Context(prec=100)
_WIDTHS = (np.int8, np.int16, np.int32, np.int64)


@dataclass(frozen=True, slots=True)
class Column:
    """One field of all subjects: numbers are ``cell / 10**places``, texts ``texts[cell]`` (ascending), yes is 1.

    Where ``is_known`` is false the cell means nothing.
    """

    cells: Cells
    is_known: Flags
    places: int = 0
    texts: tuple[str, ...] = ()

    @classmethod
    def of_cells(cls, cells: NDArray[Any], is_known: Flags, *, places: int = 0, texts: Sequence[str] = ()) -> "Column":
        """Return a column in the narrowest cells that leave room on both sides, its missing cells at zero.

        Raises :class:`UnableToReadCriterion` for numbers beyond 2**62.
        """
        kept = np.where(is_known, cells, 0)
        most = int(max(kept.max(initial=0), -kept.min(initial=0)))
        if most >= MOST_CELL:
            raise UnableToReadCriterion("数字超出可比较的范围", field="operand")
        width = next(width for width in _WIDTHS if most < np.iinfo(width).max - 1)
        return cls(kept.astype(width), np.ascontiguousarray(is_known, np.bool_), places, tuple(texts))

    @classmethod
    def of_values(cls, field: Field, values: Iterable[object]) -> "Column":
        """Return the column of plain values, None where missing. Decimals are kept to six places.

        Raises :class:`UnableToReadCriterion` for a value of another kind, one beyond 2**62, and a decimal that has
        more places: nothing is rounded on the way.
        """
        typed = [None if one is None else normal_value(field.kind, one) for one in values]
        is_known = np.array([one is not None for one in typed], np.bool_)
        if field.kind is FieldKind.TEXT:
            texts = sorted({one for one in typed if isinstance(one, str)})
            number = {text: place for place, text in enumerate(texts)}
            numbered = [0 if one is None else number[str(one)] for one in typed]
            return cls.of_cells(np.array(numbered, np.int64), is_known, texts=texts)
        places = PLACES if field.kind is FieldKind.DECIMAL else 0
        cells = [0 if one is None else _cell(one, places) for one in typed]
        return cls.of_cells(np.array(cells, np.int64), is_known, places=places)

    @property
    def size(self) -> int:
        return int(self.cells.size)

    def place_of(self, text: str) -> int | None:
        """Return the cell of a text, None where no subject has it."""
        place = bisect_left(self.texts, text)
        return place if place < len(self.texts) and self.texts[place] == text else None

    def cell_from(self, number: Value) -> int:
        """Return the lowest cell that is not below a number."""
        return self._within(_scaled(number, self.places), ROUND_CEILING)

    def cell_above(self, number: Value) -> int:
        """Return the lowest cell above a number."""
        return self._within(_scaled(number, self.places), ROUND_FLOOR, 1)

    def _within(self, scaled: Decimal, rounding: str, more: int = 0) -> int:
        widest = (1 << 8 * self.cells.itemsize - 1) - 1
        return min(max(int(scaled.to_integral_value(rounding)) + more, -widest), widest)


def _scaled(number: Value, places: int) -> Decimal:
    return Decimal(number).scaleb(places, _EXACT)


def _cell(value: Value, places: int) -> int:
    scaled = _scaled(value, places)
    if scaled != scaled.to_integral_value() or abs(scaled) >= MOST_CELL:
        raise UnableToReadCriterion(f"“{value}”超出 {places} 位小数或可比较的范围", field="operand")
    return int(scaled)


class Population:
    """The columns of all subjects, each of the same length; a field without a column is unknown of everybody."""

    def __init__(self, size: int, columns: Mapping[str, Column]) -> None:
        if any(column.size != size for column in columns.values()):
            raise ValueError(f"every column must hold {size} subjects")
        self.size = size
        self.columns = dict(columns)

    @classmethod
    def of_rows(cls, fields: Mapping[str, Field], rows: Sequence[Mapping[str, object]]) -> "Population":
        """Return the population of one mapping per subject, field code → value; absent or None is unknown."""
        return cls(
            len(rows),
            {code: Column.of_values(field, [row.get(code) for row in rows]) for code, field in fields.items()},
        )

    @property
    def bytes_held(self) -> int:
        return sum(column.cells.nbytes + column.is_known.nbytes for column in self.columns.values())
