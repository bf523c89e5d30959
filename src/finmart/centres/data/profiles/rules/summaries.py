"""Invoices summed up by month: all that features need of them, and a fraction of the rows.

A summary of a firm's month depends on that month's invoices alone: new ones change only the months they stand in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import polars as pl

FIRM, SIDE, MONTH, PARTNER = "organisation_id", "direction", "month", "counterparty"
LARGE_FEN = 10_000_000  # 100,000 yuan, a default of ours
STANDARD_RATE, REDUCED_RATE = 0.125, 0.035
MONTH_END_DAYS = 3
WEEKDAYS = ("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays")
COUNTS = ("invoices", "void", "good", "positive", "red", "ceiling", "month_end", *WEEKDAYS)
SUMS = (
    "net_fen", "positive_fen", "red_fen", "tax_fen", "positive_tax_fen", "large_fen", "standard_fen", "reduced_fen",
    "untaxed_fen",
)  # fmt: skip
MONTH_COLUMNS = (*COUNTS, *SUMS, "largest_fen", "days")
PARTNER_COLUMNS = ("invoices", "void", "positive", "net_fen", "positive_fen")
_MONTHS, _PARTNERS = 1 << 15, 1 << 24  # more than there are; leaves room for eight million firms
_NOTHING = -(1 << 63)  # less than any amount
_CEILINGS_FEN = ((990_000, 1_000_000), (9_900_000, 10_000_000), (99_000_000, 100_000_000))


@dataclass(frozen=True, slots=True)
class Summaries:
    """What invoices come to by month.

    ``months``: organisation_id, direction, month and MONTH_COLUMNS; counts of ``good`` (effective) invoices by weekday,
    ``days`` a bit per day of the month with a good one, ``largest_fen`` null where none is good. ``partners``: the
    same with counterparty and PARTNER_COLUMNS.
    """

    months: pl.DataFrame
    partners: pl.DataFrame


def summaries_of(invoices: pl.DataFrame) -> Summaries:
    """Return invoices by firm, side and month.

    ``invoices`` needs organisation_id, direction, issued_on, counterparty, amount_fen, tax_fen, is_void, is_effective.
    """
    coded = in_codes(invoices)
    in_order = coded.select(*_keys(coded["issued_on"]), *_of_one()).sort("pair")
    rows = in_order.select("key", "pair", *_parts())
    together: dict[str, np.ufunc] = {"largest_fen": np.maximum, "days": np.bitwise_or}
    months = _summed(rows, "key", dict.fromkeys((*COUNTS, *SUMS), np.add) | together)
    pairs = _summed(rows, "pair", dict.fromkeys(PARTNER_COLUMNS, np.add))
    firm, partner = (_named(coded.schema[name]) for name in (FIRM, PARTNER))
    key, pair = pl.col("key"), pl.col("pair")
    return Summaries(
        months.select(
            *_taken_apart(key, firm), *COUNTS, *SUMS, pl.when(pl.col("good") > 0).then("largest_fen"), "days"
        ),
        pairs.select(
            *_taken_apart(pair // _PARTNERS, firm), partner(pair % _PARTNERS).alias(PARTNER), *PARTNER_COLUMNS
        ),
    )  # fmt: skip


def _summed(rows: pl.DataFrame, by: str, columns: Mapping[str, np.ufunc]) -> pl.DataFrame:
    """Return one row per value of a sorted column: equal ones stand together, which needs no table of groups."""
    values = rows[by].to_numpy()
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    if not starts.size:
        return rows.select(by, *columns)
    return pl.DataFrame(
        {by: values[starts]} | {name: how.reduceat(rows[name].to_numpy(), starts) for name, how in columns.items()}
    )


def in_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose texts of firms and partners are whole numbers underneath: those group thrice as fast."""
    texts = [name for name in (FIRM, PARTNER) if frame.schema.get(name) == pl.String]
    return frame.with_columns(pl.col(name).cast(pl.Categorical(pl.Categories.random())) for name in texts)


def _code(name: str) -> pl.Expr:
    return pl.col(name).to_physical().cast(pl.Int64)


def _keys(issued: pl.Series) -> tuple[pl.Expr, ...]:
    """Return one whole number for firm, side and month, one with the partner besides, and what the calendar says."""
    month, *told = _calendar(issued)
    key = (_code(FIRM) * 2 + (pl.col(SIDE) == "OUT")) * _MONTHS + month
    return key.alias("key"), (key * _PARTNERS + _code(PARTNER)).alias("pair"), *map(pl.lit, told)


def _calendar(issued: pl.Series) -> list[pl.Series]:
    """Return month, weekday, bit of the day, and whether a month's end is near; looked up once a day, not a row."""
    first, latest = cast("tuple[date | None, date | None]", (issued.min(), issued.max()))
    if first is None or latest is None:
        first = latest = date(1970, 1, 1)
    day = pl.col("day")
    calendar = pl.select(pl.date_range(first, latest).alias("day")).select(
        (day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1).alias("month"),
        day.dt.weekday().alias("weekday"),
        pl.lit(2, pl.Int64).pow(day.dt.day().cast(pl.Int64) - 1).cast(pl.Int64).alias("bit"),
        (day.dt.month_end().dt.day() - day.dt.day() < MONTH_END_DAYS).alias("is_end"),
    )
    return calendar[(issued.to_physical() - (first - date(1970, 1, 1)).days)].get_columns()


def _taken_apart(key: pl.Expr, firm: Callable[[pl.Expr], pl.Expr]) -> tuple[pl.Expr, ...]:
    side = pl.when(key // _MONTHS % 2 == 1).then(pl.lit("OUT")).otherwise(pl.lit("IN"))
    return firm(key // _MONTHS // 2).alias(FIRM), side.alias(SIDE), (key % _MONTHS).cast(pl.Int32).alias(MONTH)


def _named(dtype: pl.DataType) -> Callable[[pl.Expr], pl.Expr]:
    """Return what turns codes back into what they stand for."""
    if isinstance(dtype, pl.Categorical):
        return lambda code: code.cast(pl.UInt32).cat.to(dtype)
    return lambda code: code.cast(dtype)


def known_by(invoices: pl.DataFrame, on: date) -> pl.DataFrame:
    """Return the invoices issued up to a day."""
    return invoices.filter(pl.col("issued_on") <= on)


def _of_one() -> tuple[pl.Expr, ...]:
    """Return an invoice as it counts: amounts of what is not effective are zero."""
    good = pl.col("is_effective")
    return (
        pl.col("is_void"),
        good.alias("is_good"),
        (pl.col("amount_fen") * good).alias("net_fen"),
        (pl.col("tax_fen") * good).alias("tax_fen"),
    )


def _parts() -> list[pl.Expr]:
    net, tax, good = pl.col("net_fen"), pl.col("tax_fen"), pl.col("is_good")
    is_positive = net > 0
    positive = net.clip(lower_bound=0)
    ceiling = pl.any_horizontal(net.is_between(low, high) for low, high in _CEILINGS_FEN)
    flags = {
        "invoices": pl.lit(True),  # noqa: FBT003 - a column, not a flag
        "void": pl.col("is_void"), "good": good, "positive": is_positive, "red": net < 0, "ceiling": ceiling,
        "month_end": good & pl.col("is_end"),
    } | {name: good & (pl.col("weekday") == day) for day, name in enumerate(WEEKDAYS, 1)}  # fmt: skip
    return [
        *(flag.cast(pl.Int32).alias(name) for name, flag in flags.items()),
        net,
        positive.alias("positive_fen"),
        (-net.clip(upper_bound=0)).alias("red_fen"),
        tax,
        (tax * is_positive).alias("positive_tax_fen"),
        (positive * (net >= LARGE_FEN)).alias("large_fen"),
        (positive * (tax >= net * STANDARD_RATE)).alias("standard_fen"),
        (positive * ((tax > 0) & (tax <= net * REDUCED_RATE))).alias("reduced_fen"),
        (positive * (tax == 0)).alias("untaxed_fen"),
        pl.when(good).then(net).otherwise(_NOTHING).alias("largest_fen"),
        (pl.col("bit") * good).alias("days"),
    ]
