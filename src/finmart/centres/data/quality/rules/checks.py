"""What a check says of a row: whether it speaks of it at all, and whether it holds. One expression each.

A missing value never fails a check but ``known``: where something a check reads is missing, it does not speak.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from finmart.centres.data.quality.types import UnableToSet

Reads = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """``speaks``: does the check speak of the row? ``holds``: if so, does it hold? ``reads`` are its columns."""

    speaks: pl.Expr
    holds: pl.Expr
    reads: Reads


def _known(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """Every one of ``columns`` has a value."""
    names = tuple(row["columns"])
    every_row = pl.col(names[0]).is_null() | True  # a bare literal would be one row, however many there are
    return Spoken(every_row, _all_there(names), names)


def _one_of(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """``column`` is one of ``values``."""
    return _of_one(row["column"], pl.col(row["column"]).is_in(list(row["values"])))


def _matches(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """The whole text of ``column`` matches the regular expression ``pattern``."""
    re.compile(row["pattern"])
    return _of_one(row["column"], pl.col(row["column"]).str.contains(f"^(?:{row['pattern']})$"))


def _between(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """The number in ``column`` is not below ``low`` and not above ``high``, whichever are given."""
    column = pl.col(row["column"])
    return _of_one(row["column"], _within(column, row))


def _ratio(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """``over`` / ``under`` is not below ``low`` and not above ``high``; speaks where ``under`` is above zero."""
    over, under = pl.col(row["over"]).cast(pl.Float64), pl.col(row["under"]).cast(pl.Float64)
    speaks = over.is_not_null() & (under > 0).fill_null(value=False)
    return Spoken(speaks, _within(over / under, row), (row["over"], row["under"]))


def _sums_to(row: dict[str, Any], _: date, __: pl.Expr) -> Spoken:
    """The ``parts`` add up to ``total`` but for ``tolerance``."""
    names = (*row["parts"], row["total"])
    gap = pl.sum_horizontal(*row["parts"]) - pl.col(row["total"])
    return Spoken(_all_there(names), gap.abs() <= row.get("tolerance", 0), names)


def _not_ahead(row: dict[str, Any], today: date, _: pl.Expr) -> Spoken:
    """The day in ``column`` has come."""
    return _of_one(row["column"], pl.col(row["column"]).dt.date() <= today)


def _younger(row: dict[str, Any], today: date, _: pl.Expr) -> Spoken:
    """The day in ``column`` is not more than ``days`` ago."""
    return _of_one(row["column"], pl.col(row["column"]).dt.date() >= today - timedelta(days=row["days"]))


def _once(row: dict[str, Any], _: date, met: pl.Expr) -> Spoken:
    """No other row that meets the conditions has the same values in all of ``columns``.

    Of those that do, every row but the first fails.
    """
    names = tuple(row["columns"])
    return Spoken(_all_there(names), pl.struct(*names, met.alias("met")).is_first_distinct(), names)


def _agree(row: dict[str, Any], _: date, met: pl.Expr) -> Spoken:
    """Rows equal in ``by`` that meet the conditions tell the same number in ``column``.

    Up to ``tolerance``, a share of the largest. Speaks once for each group of two or more that have a number.
    """
    names, value = tuple(row["by"]), pl.when(met).then(pl.col(row["column"]))
    low, high, count = value.min().over(names), value.max().over(names), value.count().over(names)
    is_first = value.is_not_null() & (value.is_not_null().cast(pl.Int64).cum_sum().over(names) == 1)
    largest = pl.max_horizontal(low.abs(), high.abs())
    return Spoken(is_first & (count > 1), (high - low) <= largest * row.get("tolerance", 0), (*names, row["column"]))


_CHECKS: dict[str, Callable[[dict[str, Any], date, pl.Expr], Spoken]] = {
    "agree": _agree,
    "between": _between,
    "known": _known,
    "matches": _matches,
    "not_ahead": _not_ahead,
    "once": _once,
    "one_of": _one_of,
    "ratio": _ratio,
    "sums_to": _sums_to,
    "younger": _younger,
}


def spoken(check: dict[str, Any], when: Iterable[dict[str, Any]], today: date) -> Spoken:
    """Return a rule's check under its conditions. Raises UnableToSet where they cannot be read."""
    try:
        met = pl.all_horizontal([pl.lit(value=True), *(_condition(row) for row in when)])
        found = _CHECKS[check["kind"]](check, today, met)
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise UnableToSet(f"质量规则的检查条件无法识别：{error}", field="check", remedy="请核对配置包") from error
    reads = dict.fromkeys((*(row["column"] for row in when), *found.reads))
    return Spoken((met & found.speaks).fill_null(value=False), found.holds.fill_null(value=False), tuple(reads))


def _condition(row: dict[str, Any]) -> pl.Expr:
    column = pl.col(row["column"])
    if "known" in row:
        return column.is_not_null() if row["known"] else column.is_null()
    if "is" in row:
        return column.eq(row["is"]).fill_null(value=False)
    return column.is_in(list(row["in"])).fill_null(value=False)


def _of_one(name: str, holds: pl.Expr) -> Spoken:
    return Spoken(pl.col(name).is_not_null(), holds, (name,))


def _within(column: pl.Expr, row: dict[str, Any]) -> pl.Expr:
    if "low" not in row and "high" not in row:
        raise ValueError("low, high")
    bounds = [column >= row["low"]] if "low" in row else []
    bounds += [column <= row["high"]] if "high" in row else []
    return pl.all_horizontal(bounds)


def _all_there(names: Iterable[str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_not_null() for name in names)
