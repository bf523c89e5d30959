"""The city's firms as columns that criteria read, and what a change of criteria does to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from finmart.centres.business.matching.types import Shift
from finmart.kit.criteria import Column, Criterion, Field, FieldKind, Flags, Population, answer_all

_MILLIONTHS = 6


@dataclass(frozen=True, slots=True)
class Change:
    """Who meets the criteria before and after, one truth value per firm, and how many are left unknown."""

    before: Flags
    after: Flags
    unknown_before: int
    unknown_after: int

    def shift(self) -> Shift:
        return _shift(self.before, self.after)

    def shifts_by(self, labels: Sequence[str]) -> dict[str, Shift]:
        """Return label → what changes among the firms that carry it, larger groups first."""
        names, group = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
        parts = [(str(name), group == place) for place, name in enumerate(names)]
        parts.sort(key=lambda part: (-int(part[1].sum()), part[0]))
        return {name: _shift(self.before & inside, self.after & inside) for name, inside in parts}


def _shift(before: Flags, after: Flags) -> Shift:
    return Shift(
        before=int(before.sum()),
        after=int(after.sum()),
        entering=int((after & ~before).sum()),
        leaving=int((before & ~after).sum()),
    )


def change(population: Population, before: Sequence[Criterion], after: Sequence[Criterion]) -> Change:
    """Return what replacing hard criteria by others does to a population."""
    answers = answer_all([before, after], population)
    met = [answers.flags(answers.met, number) for number in (0, 1)]
    return Change(met[0], met[1], *(int(count) for count in answers.unknown_counts))


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


def coarse(shift: Shift, below: int) -> Shift:
    """Return counts an institution may see: whole multiples of ``below``, None under it, so none tells of one firm.

    Rounding every count alike keeps a small one from being found as the difference of two large ones.
    """
    plain = {name: getattr(shift, name) for name in ("before", "after", "entering", "leaving")}
    return replace(shift, **{name: coarse_count(count, below) for name, count in plain.items()})


def coarse_count(count: int | None, below: int) -> int | None:
    """Return the count rounded down to a multiple of ``below``, None where that is nothing."""
    return None if count is None or count < below else count - count % below
