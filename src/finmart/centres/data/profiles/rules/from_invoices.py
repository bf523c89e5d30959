"""Facts out of invoices, for all firms at once, column by column. Each formula stands in the fact type table.

A firm is covered from the month of its first effective invoice of a direction to the latest complete month. Inside
that, a month without invoices is a known zero; outside it nothing is known, and what needs more stays missing.
"""

from datetime import date

import polars as pl

from finmart.centres.data.profiles.rules import over_months, over_partners
from finmart.centres.data.profiles.rules.months import latest_complete_month, month_of, written
from finmart.centres.data.profiles.rules.over_months import TWO_YEARS, Time, share
from finmart.centres.data.profiles.rules.summaries import FIRM, MONTH, SIDE, Summaries, known_by, summaries_of
from finmart.centres.data.profiles.types import FactKind
from finmart.centres.data.profiles.types.invoice_types import INVOICE_TYPES, NETWORK

SERIES = tuple(row.code for row in INVOICE_TYPES if row.kind is FactKind.SERIES)
TIES = tuple(row.code for row in INVOICE_TYPES if row.kind is FactKind.TIES)
NUMBERS = tuple(row.code for row in INVOICE_TYPES if row.code not in {*SERIES, *TIES})
NETWORK_NUMBERS = tuple(row.code for row in INVOICE_TYPES if row.group == NETWORK)
_SIDES = (("OUT", "sales", "customer"), ("IN", "purchases", "supplier"))


def facts_of(invoices: pl.DataFrame, as_of_on: date, totals: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row per firm with a column per fact, null where missing, from the invoices issued by a day.

    ``invoices`` needs what :func:`summaries_of` reads; organisation_id may be of any type. Series columns hold lists of
    (month, fen) structs, lists of partners (name, share) structs. Windows end with the latest complete month.
    """
    firms = invoices.select(FIRM).unique().sort(FIRM)
    return facts_from(summaries_of(known_by(invoices, as_of_on)), firms, as_of_on, totals)


def facts_from(
    summaries: Summaries, firms: pl.DataFrame, as_of_on: date, totals: pl.DataFrame | None = None
) -> pl.DataFrame:  # fmt: skip
    """Return :func:`facts_of` for these firms from their months, none of which may hold later invoices.

    ``totals`` (see ``over_partners.totals_of``) must cover all firms; None where the summaries themselves do.
    """
    time = Time(as_of_on, latest_complete_month(as_of_on))
    named, firms = firms, firms.with_columns(pl.col(FIRM).cast(summaries.months.schema[FIRM]))
    everybody = over_partners.totals_of(summaries.partners) if totals is None else totals
    others = over_partners.elsewhere(summaries.partners, everybody)
    covered, pairs, parts = {}, {}, []
    for direction, side, partner in _SIDES:
        months = summaries.months.filter(pl.col(SIDE) == direction)
        traded = over_partners.of_side(summaries.partners, direction)
        covered[side] = over_months.covered(months, time)
        pairs[side] = over_partners.pairs_of(traded, time)
        parts += [
            *_of_months(months, covered[side], time, side),
            over_partners.concentration(pairs[side], covered[side].select(FIRM).unique(), partner),
            over_partners.main(pairs[side], partner),
            over_partners.loyalty(pairs[side], partner),
            over_partners.a_month(traded, covered[side], time, partner),
            over_partners.neighbours(pairs[side], others, partner),
        ]
    both = covered["sales"].select(FIRM).unique().join(covered["purchases"].select(FIRM).unique(), on=FIRM)
    parts += [
        over_months.declining(covered["sales"]),
        over_partners.reciprocal(pairs["sales"], pairs["purchases"], both),
        _both_sides(summaries.months, time),
    ]
    for part in parts:
        firms = firms.join(part, on=FIRM, how="left", maintain_order="left")
    return _balanced(firms).select(named[FIRM], *NUMBERS, *SERIES, *TIES)


def network_from(
    summaries: Summaries, firms: pl.DataFrame, as_of_on: date, totals: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    """Return only what depends on other firms' invoices: the columns NETWORK_NUMBERS of :func:`facts_from`."""
    time = Time(as_of_on, latest_complete_month(as_of_on))
    others = over_partners.elsewhere(summaries.partners, totals)
    for direction, _, partner in _SIDES:
        pairs = over_partners.pairs_of(over_partners.of_side(summaries.partners, direction), time)
        firms = firms.join(over_partners.neighbours(pairs, others, partner), on=FIRM, how="left", maintain_order="left")
    return firms.select(FIRM, *NETWORK_NUMBERS)


def _of_months(months: pl.DataFrame, covered: pl.DataFrame, time: Time, side: str) -> list[pl.DataFrame]:
    names = {month: written(month) for month in range(time.latest - TWO_YEARS + 1, time.latest + 1)}
    parts = [
        over_months.levels(covered, side).rename({"year_before": f"{side}_year_before"}),
        over_months.steadiness(covered, side),
        over_months.series(covered, names, f"monthly_{side}"),
        over_months.rhythm(months, time, side),
        over_months.slips(months, side),
    ]
    habits = over_months.habits(months, time, side)
    if side == "sales":
        parts[1] = parts[1].rename(
            {"sales_active_months": "invoice_active_months", "sales_gap_months": "invoice_gap_months"}
        )
    else:
        habits = habits.drop("void_share", "red_letter_share")
    return [*parts, habits]


def _both_sides(months: pl.DataFrame, time: Time) -> pl.DataFrame:
    """Return what only sales and purchases together tell, over all effective invoices."""
    sold, bought = pl.col(SIDE) == "OUT", pl.col(SIDE) == "IN"
    net, tax = pl.col("net_fen"), pl.col("tax_fen")
    sales = net.filter(sold).sum()
    return months.filter(pl.col("good") > 0).group_by(FIRM).agg(
        (month_of(time.as_of_on) + 1 - pl.col(MONTH).min()).alias("invoice_months_known"),
        pl.when(bought.any()).then(share(net.filter(bought).sum(), sales)).alias("purchases_to_sales"),
        share(tax.filter(sold).sum() - tax.filter(bought).sum(), sales).alias("tax_burden"),
        share(pl.col("ceiling").filter(sold).sum(), pl.col("positive").filter(sold).sum()).alias("ceiling_share"),
    )  # fmt: skip


def _balanced(firms: pl.DataFrame) -> pl.DataFrame:
    """Return the firms with what the twelve months of sales and purchases come to together."""
    sales, purchases = pl.col("annual_sales_fen"), pl.col("annual_purchases_fen")
    before, bought_before = pl.col("sales_year_before"), pl.col("purchases_year_before")
    margin = share(sales - purchases, sales)
    return firms.with_columns(
        (sales - purchases).alias("value_added_fen"),
        margin.alias("gross_margin"),
        (margin - share(before - bought_before, before)).alias("gross_margin_change"),
    )
