"""The city's firms as columns that criteria read, and what a change of criteria does to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from finmart.centres.business.matching.types import Shift
from finmart.kit.criteria import Column, Criterion, Field, FieldKind, Flags, Population, answer_all

_MILLIONTHS = 6


@dataclass(frozen=True, slots=True)
class Change:
    """Who meets the criteria before and after, and who is left unknown, one truth value per firm.

    ``met_earlier`` and ``open_earlier`` say the same of criteria that were answered before.
    """

    before: Flags
    after: Flags
    open_before: Flags
    open_after: Flags
    met_earlier: tuple[Flags, ...] = ()
    open_earlier: tuple[Flags, ...] = ()

    @property
    def unknown_before(self) -> int:
        return int(self.open_before.sum())

    @property
    def unknown_after(self) -> int:
        return int(self.open_after.sum())

    def shift(self) -> Shift:
        return _shift(self.before, self.after)

    def shifts_by(self, labels: Sequence[str]) -> dict[str, Shift]:
        """Return label → what changes among the firms that carry it, larger groups first."""
        return {name: _shift(self.before & inside, self.after & inside) for name, inside in _parts(labels)}


def _parts(labels: Sequence[str]) -> list[tuple[str, Flags]]:
    names, group = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    parts = [(str(name), group == place) for place, name in enumerate(names)]
    return sorted(parts, key=lambda part: (-int(part[1].sum()), part[0]))


def _shift(before: Flags, after: Flags) -> Shift:
    return Shift(
        before=int(before.sum()),
        after=int(after.sum()),
        entering=int((after & ~before).sum()),
        leaving=int((before & ~after).sum()),
    )


def change(
    population: Population, before: Sequence[Criterion], after: Sequence[Criterion],
    earlier: Sequence[Sequence[Criterion]] = (),
) -> Change:  # fmt: skip
    """Return what replacing hard criteria by others does to a population."""
    sets = [before, after, *earlier]
    answers = answer_all(sets, population)
    met = [answers.flags(answers.met, number) for number in range(len(sets))]
    unknown = [answers.flags(answers.unknown, number) for number in range(len(sets))]
    return Change(met[0], met[1], unknown[0], unknown[1], (met[0], *met[2:]), (unknown[0], *unknown[2:]))


def population(table: pl.DataFrame, fields: Mapping[str, Field]) -> Population:
    """Return the columns of a fact table (see ``profiles.queries.known_population``)."""
    return Population(
        table.height, {code: _column(field, table[code]) for code, field in fields.items() if code in table}
    )


def _column(field: Field, values: pl.Series) -> Column:
    is_known = values.is_not_null().to_numpy()
    match field.kind:
        case FieldKind.INTEGER | FieldKind.DECIMAL:
            places = _MILLIONTHS if field.kind is FieldKind.DECIMAL else 0
            cells = (values.cast(pl.Float64).fill_null(0) * 10**places).round().cast(pl.Int64)
            return Column.of_cells(cells.to_numpy(), is_known, places=places)
        case FieldKind.BOOLEAN:
            return Column.of_cells((values == "true").fill_null(value=False).to_numpy().astype(np.int8), is_known)
        case FieldKind.TEXT:
            texts = sorted(values.drop_nulls().unique().to_list())
            place = {text: number for number, text in enumerate(texts)}
            cells = np.array([place.get(text, 0) for text in values.to_list()], np.int64)
            return Column.of_cells(cells, is_known, texts=texts)


@dataclass(frozen=True, slots=True)
class Veil:
    """What keeps counts from telling of one firm: a key per firm, and the number under which a count is not told.

    *Settled*: firms that differ by fewer than ``below`` from those of a question answered before are taken for those,
    so that the difference of two questions is never about fewer firms. *Told*: rounded up or down to a multiple of
    ``below`` by a draw, and one little above ``below`` may not be told either. The draw is made from the keys of the
    very firms counted (as the statistical offices' cell keys are): the same firms give the same answer however often
    and by whatever criteria they are asked for, so nothing comes out of averaging.
    """

    keys: NDArray[np.uint64]
    below: int

    def told(self, members: Flags) -> int | None:
        """Return the count of some firms as an institution may see it, None where it is too small to be told."""
        count = int(members.sum())
        if count < self.below:
            return None
        mark = int(_mixed(np.bitwise_xor.reduce(self.keys[members])))
        first, second = (mark & _HALF) / _HALF_RANGE, (mark >> 32) / _HALF_RANGE
        if count < self.below + int(second * self.below):
            return None
        rest = count % self.below
        return count - rest + (self.below if first * self.below < rest else 0)

    def settled(self, members: Flags, earlier: Sequence[Flags], inside: Flags | None = None) -> Flags:
        """Return the firms (of a part of the city) as first asked for, where too few came or went since."""
        wanted = members if inside is None else members & inside
        for known in earlier:
            other = known if inside is None else known & inside
            if int((other ^ wanted).sum()) < self.below:
                return other
        return wanted

    def shift(self, change: Change, inside: Flags | None = None) -> Shift:
        """Return what changes (in a part of the city), as an institution may see it."""
        before = change.before if inside is None else change.before & inside
        after = self.settled(change.after, change.met_earlier, inside)
        return Shift(
            before=self.told(before),
            after=self.told(after),
            entering=self.told(after & ~before),
            leaving=self.told(before & ~after),
        )

    def unknown(self, change: Change) -> int | None:
        """Return how many are left unknown after the change, as an institution may see it."""
        return self.told(self.settled(change.open_after, change.open_earlier))

    def shifts_by(self, change: Change, labels: Sequence[str]) -> dict[str, Shift]:
        """Return label → what changes among the firms that carry it, by label: an order by size would tell of sizes."""
        return {name: self.shift(change, inside) for name, inside in sorted(_parts(labels), key=lambda part: part[0])}


_HALF, _HALF_RANGE = 0xFFFF_FFFF, 2**32


def keys_of(firms: Sequence[int], secret: int) -> NDArray[np.uint64]:
    """Return a key per firm that nobody can compute without the secret (64 bits)."""
    keys: NDArray[np.uint64] = _mixed(np.array(firms, np.uint64) ^ np.uint64(secret))
    return keys


def _mixed(words: Any) -> Any:
    """Return 64-bit words whose every bit depends on every bit before (the mixing of SplitMix64, wrapping)."""
    with np.errstate(over="ignore"):
        words = np.uint64(words) + np.uint64(0x9E3779B97F4A7C15)
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
