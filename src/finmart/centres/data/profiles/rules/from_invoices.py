"""Facts out of invoices, for all firms at once, column by column. Each formula stands in the fact type table.

A firm is covered from the month of its first effective invoice of a direction to the latest complete month. Inside
that, a month without invoices is a known zero; outside it nothing is known, and what needs more stays missing.
"""

from datetime import date

import polars as pl

from finmart.centres.data.profiles.rules.months import latest_complete_month, written

YEAR, TWO_YEARS = 12, 24
FEWEST_MONTHS_FOR_VOLATILITY = 6  # a default of ours
NUMBERS = (
    "annual_sales_fen", "annual_purchases_fen", "sales_growth", "sales_volatility", "sales_seasonality",
    "customer_count", "top_customer_share", "customer_concentration",
    "supplier_count", "top_supplier_share", "supplier_concentration",
    "void_share", "red_letter_share", "invoice_active_months", "invoice_gap_months",
)  # fmt: skip
SERIES = ("monthly_sales", "monthly_purchases")
_SIDES = {
    "OUT": ("annual_sales_fen", "monthly_sales", "customer_count", "top_customer_share", "customer_concentration"),
    "IN": (
        "annual_purchases_fen", "monthly_purchases", "supplier_count", "top_supplier_share", "supplier_concentration",
    ),
}  # fmt: skip


def facts_of(invoices: pl.DataFrame, as_of_on: date) -> pl.DataFrame:
    """Return one row per firm with a column per fact, null where missing.

    ``invoices`` needs organisation_id, direction, issued_on, counterparty, amount_fen, is_void, is_effective. Series
    columns hold lists of (month, fen) structs. Invoices after the latest complete month by ``as_of_on`` are ignored.
    """
    latest = latest_complete_month(as_of_on)
    firms = invoices.select("organisation_id").unique().sort("organisation_id")
    dated = invoices.with_columns(
        (pl.col("issued_on").dt.year().cast(pl.Int32) * 12 + pl.col("issued_on").dt.month() - 1).alias("month")
    ).filter(pl.col("month") <= latest)
    effective = dated.filter("is_effective")
    recent = dated.filter(pl.col("month") > latest - YEAR)
    months = _covered_months(effective, latest)
    parts = [_habits(recent), _rhythm(months.filter(pl.col("direction") == "OUT"), latest)]
    for direction, (annual, monthly, count, top, concentration) in _SIDES.items():
        side = months.filter(pl.col("direction") == direction)
        parts += [
            _sums(side, latest, annual, monthly),
            _partners(recent, side, direction, count, top, concentration),
        ]
    for part in parts:
        firms = firms.join(part, on="organisation_id", how="left")
    return firms.select("organisation_id", *NUMBERS, *SERIES)


def _covered_months(effective: pl.DataFrame, latest: int) -> pl.DataFrame:
    """Return every covered month of the two years, per firm and direction, with its sum and count of invoices."""
    key = ["organisation_id", "direction", "month"]
    sums = effective.group_by(key).agg(pl.col("amount_fen").sum(), pl.len().alias("count"))
    first = sums.group_by(key[:2]).agg(pl.col("month").min().alias("first"))
    grid = first.with_columns(
        pl.int_ranges(pl.max_horizontal("first", pl.lit(latest - TWO_YEARS + 1)), latest + 1, dtype=pl.Int32).alias(
            "month"
        )
    ).explode("month", empty_as_null=False)
    return grid.join(sums, on=key, how="left").with_columns(pl.col("amount_fen", "count").fill_null(0)).sort(key)


def _sums(side: pl.DataFrame, latest: int, annual: str, monthly: str) -> pl.DataFrame:
    names = {month: written(month) for month in range(latest - TWO_YEARS + 1, latest + 1)}
    shown = pl.col("month").replace_strict(names, return_dtype=pl.String)
    return side.group_by("organisation_id").agg(
        pl.col("amount_fen").filter(pl.col("month") > latest - YEAR).sum().alias(annual),
        pl.struct(shown.alias("month"), pl.col("amount_fen").alias("fen")).sort_by("month").alias(monthly),
    )


def _rhythm(sales: pl.DataFrame, latest: int) -> pl.DataFrame:
    """Return growth, volatility, seasonality, active and gap months of each firm's covered months of sales."""
    amount = pl.col("amount_fen").cast(pl.Float64)
    recent = pl.col("month") > latest - YEAR
    of_year = sales.with_columns((pl.col("month") % 12).alias("of_year"))
    means = of_year.group_by("organisation_id", "of_year").agg(amount.mean())
    spread = means.group_by("organisation_id").agg((amount.max() - amount.min()).alias("spread"))
    rows = sales.group_by("organisation_id").agg(
        pl.len().alias("months"),
        amount.mean().alias("mean"),
        amount.filter(recent).sum().alias("this_year"),
        amount.filter(~recent).sum().alias("year_before"),
        amount.filter(recent).len().alias("recent_months"),
        amount.filter(recent).mean().alias("recent_mean"),
        amount.filter(recent).std(ddof=0).alias("recent_deviation"),
        (pl.col("count") > 0).sum().alias("invoice_active_months"),
    )
    whole = pl.col("months") == TWO_YEARS
    steady = pl.col("recent_months") >= FEWEST_MONTHS_FOR_VOLATILITY
    return (
        rows.join(spread, on="organisation_id", how="left")
        .join(_gaps(sales), on="organisation_id", how="left")
        .select(
            "organisation_id",
            "invoice_active_months",
            pl.col("invoice_gap_months").fill_null(0),
            _quotient(pl.col("this_year") - pl.col("year_before"), "year_before", whole).alias("sales_growth"),
            _quotient(pl.col("recent_deviation"), "recent_mean", steady).alias("sales_volatility"),
            _quotient(pl.col("spread"), "mean", whole).alias("sales_seasonality"),
        )
    )


def _quotient(part: pl.Expr, whole: str, known: pl.Expr) -> pl.Expr:
    """Return part / whole where that is known and the whole is positive, else null."""
    return pl.when(known & (pl.col(whole) > 0)).then(part / pl.col(whole)).otherwise(None)


def _gaps(sales: pl.DataFrame) -> pl.DataFrame:
    """Return each firm's longest run of covered months without an invoice, where there is one."""
    quiet = pl.col("count") == 0
    runs = sales.sort("organisation_id", "month").with_columns(
        quiet.alias("quiet"), (~quiet).cum_sum().over("organisation_id").alias("run")
    )
    lengths = runs.filter("quiet").group_by("organisation_id", "run").len()
    return lengths.group_by("organisation_id").agg(pl.col("len").max().alias("invoice_gap_months"))


def _partners(
    recent: pl.DataFrame, covered: pl.DataFrame, direction: str, count: str, top: str, concentration: str
) -> pl.DataFrame:
    """Return number and concentration of the other side. A covered firm without invoices in the year has 0 of them."""
    side = recent.filter(pl.col("is_effective") & (pl.col("direction") == direction))
    net = pl.col("net").clip(lower_bound=0)
    share = net / net.sum()
    found = (
        side.group_by("organisation_id", "counterparty")
        .agg(pl.col("amount_fen").sum().alias("net"), (pl.col("amount_fen") > 0).any().alias("is_real"))
        .group_by("organisation_id")
        .agg(
            pl.col("is_real").sum().cast(pl.Int64).alias(count),
            net.sum().alias("whole"),
            share.max().alias(top),
            (share**2).sum().alias(concentration),
        )
    )
    shares = [
        pl.when(pl.col("whole") > 0).then(pl.col(name)).otherwise(None).alias(name) for name in (top, concentration)
    ]
    return (
        covered.select("organisation_id")
        .unique()
        .join(found, on="organisation_id", how="left")
        .select("organisation_id", pl.col(count).fill_null(0), *shares)
    )


def _habits(recent: pl.DataFrame) -> pl.DataFrame:
    """Return shares of void and red-letter sales invoices; null where there are none to take a share of."""
    sales = recent.filter((pl.col("direction") == "OUT") & (pl.col("is_void") | pl.col("is_effective")))
    effective = pl.col("is_effective").sum()
    red = (pl.col("is_effective") & (pl.col("amount_fen") < 0)).sum()
    return sales.group_by("organisation_id").agg(
        (pl.col("is_void").sum() / pl.len()).alias("void_share"),
        pl.when(effective > 0).then(red / effective).otherwise(None).alias("red_letter_share"),
    )
