"""Features over a firm's months of one side: levels, growth, steadiness, habits. Formulas: the fact type table."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from finmart.centres.data.profiles.rules.months import month_of
from finmart.centres.data.profiles.rules.summaries import FIRM, MONTH, WEEKDAYS

YEAR, TWO_YEARS = 12, 24
FEWEST_MONTHS_FOR_VOLATILITY = 6  # a default of ours
_WORKDAYS, _WEEKEND = WEEKDAYS[:5], WEEKDAYS[5:]
_NET = pl.col("net_fen")


@dataclass(frozen=True, slots=True)
class Time:
    """The day facts are as of, and its latest complete month."""

    as_of_on: date
    latest: int


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return part / whole, null where the whole is not positive."""
    return pl.when(whole > 0).then(part / whole)


def whole_fen(amount: pl.Expr) -> pl.Expr:
    """Return an amount rounded to the fen, halves up."""
    return (amount + 0.5).floor().cast(pl.Int64)


def covered(side: pl.DataFrame, time: Time) -> pl.DataFrame:
    """Return every month from a firm's first effective invoice to the latest complete one, quiet ones as zeros.

    ``age`` counts months back from the latest complete one (0), ``known`` how many months there are in all.
    """
    good = side.filter((pl.col("good") > 0) & (pl.col(MONTH) <= time.latest)).select(FIRM, MONTH, "net_fen", "good")
    first = good.group_by(FIRM).agg(pl.col(MONTH).min().alias("first"))
    grid = first.with_columns(
        pl.int_ranges("first", time.latest + 1, dtype=pl.Int32).alias(MONTH),
        (time.latest + 1 - pl.col("first")).alias("known"),
    ).explode(MONTH, empty_as_null=False)
    return (
        grid.join(good, on=[FIRM, MONTH], how="left")
        .with_columns(pl.col("net_fen", "good").fill_null(0), (time.latest - pl.col(MONTH)).alias("age"))
        .sort(FIRM, MONTH)
    )


def _span(newest: int, months: int) -> pl.Expr:
    """Return the net amount of so many months from an age on, null where not all of them are covered."""
    within = (pl.col("age") >= newest) & (pl.col("age") < newest + months)
    return pl.when(pl.col("known").first() >= newest + months).then(_NET.filter(within).sum())


def _growth(newest: pl.Expr, before: pl.Expr) -> pl.Expr:
    return share(newest - before, before)


def levels(months: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return sums, growth and trend over the covered months (see :func:`covered`)."""
    year = pl.col("age") < YEAR
    centred = (YEAR - 1) / 2 - pl.col("age").filter(year)
    mean = _NET.filter(year).mean()
    slope = (centred * _NET.filter(year)).sum() / (centred**2).sum()
    whole = pl.col("known").first() >= YEAR
    return months.group_by(FIRM).agg(
        _NET.filter(year).sum().alias(f"annual_{side}_fen"),
        *(_span(0, count).alias(f"{side}_{count}m_fen") for count in (3, 6, TWO_YEARS)),
        whole_fen(_NET.median()).alias(f"{side}_month_median_fen"),
        _span(YEAR, YEAR).alias("year_before"),
        _growth(_span(0, YEAR), _span(YEAR, YEAR)).alias(f"{side}_growth"),
        _growth(_span(0, 6), _span(YEAR, 6)).alias(f"{side}_growth_6m"),
        _growth(_span(0, 3), _span(YEAR, 3)).alias(f"{side}_growth_3m"),
        _growth(_span(0, 3), _span(3, 3)).alias(f"{side}_momentum"),
        pl.when(whole & (mean > 0)).then(slope / mean).alias(f"{side}_trend"),
    )


def steadiness(months: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return how evenly the covered months of two years run."""
    recent = months.filter(pl.col("age") < TWO_YEARS)
    year = pl.col("age") < YEAR
    calendar = recent.group_by(FIRM, pl.col(MONTH) % 12).agg(_NET.mean())
    spread = calendar.group_by(FIRM).agg((_NET.max() - _NET.min()).alias("spread"))
    of_year, known = _NET.filter(year), pl.col("known").first()
    rows = recent.group_by(FIRM).agg(
        _variation(of_year).alias(f"{side}_volatility"),
        _variation(_NET).alias(f"{side}_volatility_24m"),
        pl.when(known >= YEAR).then(share(of_year.max(), of_year.sum())).alias(f"{side}_peak_share"),
        (pl.col("good") > 0).sum().alias("active"),
        pl.when(known >= TWO_YEARS).then(_NET.mean()).alias("mean"),
    )
    return (
        rows.join(spread, on=FIRM, how="left")
        .join(_gaps(recent), on=FIRM, how="left")
        .select(
            FIRM, f"{side}_volatility", f"{side}_volatility_24m", f"{side}_peak_share",
            share(pl.col("spread"), pl.col("mean")).alias(f"{side}_seasonality"),
            pl.col("active").alias(f"{side}_active_months"),
            pl.col("gap").fill_null(0).alias(f"{side}_gap_months"),
        )
    )  # fmt: skip


def _variation(amount: pl.Expr) -> pl.Expr:
    """Return deviation over mean, null below six months or where the mean is not positive."""
    steady = (amount.len() >= FEWEST_MONTHS_FOR_VOLATILITY) & (amount.mean() > 0)
    return pl.when(steady).then(amount.std(ddof=0) / amount.mean())


def _gaps(recent: pl.DataFrame) -> pl.DataFrame:
    """Return each firm's longest run of months without an invoice, where there is one."""
    quiet = pl.col("good") == 0
    runs = recent.with_columns(quiet.alias("quiet"), (~quiet).cum_sum().over(FIRM).alias("run"))
    lengths = runs.filter("quiet").group_by(FIRM, "run").len()
    return lengths.group_by(FIRM).agg(pl.col("len").max().alias("gap"))


def declining(months: pl.DataFrame) -> pl.DataFrame:
    """Return in how many of the latest twelve months sales were below those of the same month a year before."""
    of_year = pl.col("age") % YEAR
    two = months.filter((pl.col("age") < TWO_YEARS) & (pl.col("known") >= TWO_YEARS))
    pairs = two.group_by(FIRM, of_year.alias("of_year")).agg(
        (_NET.filter(pl.col("age") < YEAR).sum() < _NET.filter(pl.col("age") >= YEAR).sum()).alias("fell")
    )
    return pairs.group_by(FIRM).agg(pl.col("fell").sum().alias("sales_declining_months"))


def series(months: pl.DataFrame, names: dict[int, str], code: str) -> pl.DataFrame:
    """Return the two years as a list of (month, fen), the oldest first."""
    written = pl.col(MONTH).replace_strict(names, return_dtype=pl.String)
    recent = months.filter(pl.col("age") < TWO_YEARS)
    return recent.group_by(FIRM, maintain_order=True).agg(
        pl.struct(written.alias("month"), pl.col("net_fen").alias("fen")).alias(code)
    )


def rhythm(side: pl.DataFrame, time: Time, name: str) -> pl.DataFrame:
    """Return how often and how regularly a side is invoiced, over all effective invoices."""
    good = pl.col("good").sum()
    span = month_of(time.as_of_on) + 1 - pl.col(MONTH).min()
    workdays = pl.sum_horizontal(pl.col(*_WORKDAYS).sum())
    parts = [share(pl.col(day).sum(), workdays) for day in _WORKDAYS]
    entropy = -pl.sum_horizontal(pl.when(part > 0).then(part * part.log()).otherwise(0.0) for part in parts)
    found = side.filter(pl.col("good") > 0).group_by(FIRM).agg(
        (good / span).alias(f"{name}_invoices_a_month"),
        (pl.len() / span).alias(f"{name}_active_share"),
        (pl.sum_horizontal(pl.col(*_WEEKEND).sum()) / good).alias(f"{name}_weekend_share"),
        pl.when(workdays > 0).then(entropy / pl.lit(5.0).log()).alias(f"{name}_weekday_evenness"),
        (pl.col("days").bitwise_count_ones().sum() / span).alias(f"{name}_days_a_month"),
        whole_fen(share(pl.col("positive_fen").sum(), pl.col("positive").sum())).alias(f"{name}_invoice_mean_fen"),
        share(pl.col("positive_tax_fen").sum(), pl.col("positive_fen").sum()).alias(f"{name}_tax_rate"),
    )  # fmt: skip
    return found.join(_quiet(side, time, name), on=FIRM, how="left")


def _quiet(side: pl.DataFrame, time: Time, name: str) -> pl.DataFrame:
    """Return the days since the latest effective invoice and the longest time without one."""
    months = side.filter(pl.col("good") > 0).sort(MONTH)
    bits = np.unpackbits(
        months["days"].to_numpy().astype("<u4").view(np.uint8).reshape(-1, 4), axis=1, bitorder="little"
    )
    row, day = np.nonzero(bits)
    start = pl.date(pl.col(MONTH) // 12, pl.col(MONTH) % 12 + 1, 1).cast(pl.Int32)
    days = months.select(FIRM, start.alias("start"))[row].select(
        FIRM, (pl.col("start") + pl.lit(pl.Series(day))).alias("on")
    )
    end = (time.as_of_on - date(1970, 1, 1)).days
    quiet = end - pl.col("on").max()
    return days.group_by(FIRM).agg(
        quiet.alias(f"{name}_quiet_days"),
        pl.max_horizontal(pl.col("on").diff().max(), quiet).alias(f"{name}_longest_gap_days"),
    )


def slips(side: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return what of all invoices was voided, and what of the good amounts was taken back."""
    return side.group_by(FIRM).agg(
        (pl.col("void").sum() / pl.col("invoices").sum()).alias(f"{name}_void_share"),
        share(pl.col("red_fen").sum(), pl.col("positive_fen").sum()).alias(f"{name}_red_share"),
    )


def habits(side: pl.DataFrame, time: Time, name: str) -> pl.DataFrame:
    """Return how a side is invoiced in the latest twelve complete months."""
    positive, good = pl.col("positive_fen").sum(), pl.col("good").sum()
    parts = {
        "large": "large_fen",
        "standard_rate": "standard_fen",
        "reduced_rate": "reduced_fen",
        "untaxed": "untaxed_fen",
    }
    return side.filter((pl.col(MONTH) > time.latest - YEAR) & (pl.col(MONTH) <= time.latest)).group_by(FIRM).agg(
        share(pl.col("month_end").sum(), good).alias(f"{name}_month_end_share"),
        pl.col("largest_fen").max().alias(f"{name}_largest_fen"),
        *(share(pl.col(column).sum(), positive).alias(f"{name}_{code}_share") for code, column in parts.items()),
        share(pl.col("void").sum(), pl.col("void").sum() + good).alias("void_share"),
        share(pl.col("red").sum(), good).alias("red_letter_share"),
    )  # fmt: skip
