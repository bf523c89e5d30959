"""Features of the other side: how many, how concentrated, who stays, who else on the platform trades with them."""

import polars as pl

from finmart.centres.data.profiles.rules.over_months import YEAR, Time, share
from finmart.centres.data.profiles.rules.summaries import FIRM, MONTH, PARTNER, SIDE

MAIN = 10
_POSITIVE = pl.col("positive_fen")
_THIS_YEAR, _YEAR_BEFORE, _BEFORE = pl.col("this_year"), pl.col("year_before"), pl.col("before")


def pairs_of(side: pl.DataFrame, time: Time) -> pl.DataFrame:
    """Return one row per firm and partner of one side: what they traded this year, the year before, and ever."""
    month = pl.col(MONTH)
    in_year = (month > time.latest - YEAR) & (month <= time.latest)
    was = month <= time.latest - YEAR
    positive = pl.col("positive") > 0
    return (
        side.lazy()
        .select(
            FIRM, PARTNER, _POSITIVE, positive.alias("ever"), (in_year & positive).alias("this_year"),
            (was & (month > time.latest - 2 * YEAR) & positive).alias("year_before"), (was & positive).alias("before"),
            (_POSITIVE * in_year).alias("recent_fen"), (pl.col("net_fen") * in_year).alias("net_fen"),
        )
        .group_by(FIRM, PARTNER)
        .agg(
            pl.col("positive_fen", "recent_fen", "net_fen").sum(),
            pl.col("ever", "this_year", "year_before", "before").max(),
        )
        .collect()
    )  # fmt: skip


def concentration(pairs: pl.DataFrame, firms: pl.DataFrame, partner: str) -> pl.DataFrame:
    """Return number and concentration of the other side this year; ``firms`` are the covered ones, which have 0."""
    net = pl.col("net_fen").clip(lower_bound=0)
    part = net / net.sum()
    names = (f"top_{partner}_share", f"top5_{partner}_share", f"{partner}_concentration")
    found = pairs.group_by(FIRM).agg(
        _THIS_YEAR.sum().cast(pl.Int64).alias(f"{partner}_count"),
        net.sum().alias("whole"),
        part.max().alias(names[0]), part.top_k(5).sum().alias(names[1]), (part**2).sum().alias(names[2]),
    )  # fmt: skip
    return firms.join(found, on=FIRM, how="left").select(
        FIRM, pl.col(f"{partner}_count").fill_null(0),
        *(pl.when(pl.col("whole") > 0).then(pl.col(name)).alias(name) for name in names),
    )  # fmt: skip


def main(pairs: pl.DataFrame, partner: str) -> pl.DataFrame:
    """Return the ten largest partners of the year with their shares, as a list of (name, share)."""
    net = pl.col("net_fen").clip(lower_bound=0)
    largest = (
        pairs.with_columns((net / net.sum().over(FIRM)).alias("share"))
        .filter(net > 0)
        .sort(FIRM, pl.col("net_fen"), pl.col(PARTNER).cast(pl.String), descending=[False, True, False])
    )
    return largest.group_by(FIRM, maintain_order=True).agg(
        pl.struct(pl.col(PARTNER).cast(pl.String).alias("name"), "share").head(MAIN).alias(f"main_{partner}s")
    )


def loyalty(pairs: pl.DataFrame, partner: str) -> pl.DataFrame:
    """Return what concentrates, stays and is new, over positive invoices."""
    ever = pairs.filter("ever")
    part = _POSITIVE / _POSITIVE.sum()
    recent, known = pl.col("recent_fen"), _BEFORE.any()
    return ever.group_by(FIRM).agg(
        part.max().alias(f"{partner}_top_share_ever"),
        (part**2).sum().alias(f"{partner}_concentration_ever"),
        pl.when(known).then(share((recent * _BEFORE).sum(), recent.sum())).alias(f"loyal_{partner}_share"),
        share((_THIS_YEAR & _YEAR_BEFORE).sum(), _YEAR_BEFORE.sum()).alias(f"{partner}_retention"),
        pl.when(known).then((_THIS_YEAR & ~_BEFORE).sum().cast(pl.Int64)).alias(f"new_{partner}_count"),
    )


def a_month(side: pl.DataFrame, covered: pl.DataFrame, time: Time, partner: str) -> pl.DataFrame:
    """Return how many partners a month of the year has on average, where the whole year is covered."""
    month = pl.col(MONTH)
    recent = side.filter((month > time.latest - YEAR) & (month <= time.latest) & (pl.col("positive") > 0))
    whole = covered.filter(pl.col("known") >= YEAR).select(FIRM).unique()
    counts = recent.group_by(FIRM).agg((pl.len() / YEAR).alias("mean"))
    return whole.join(counts, on=FIRM, how="left").select(
        FIRM, pl.col("mean").fill_null(0.0).alias(f"{partner}s_a_month")
    )


def reciprocal(sales: pl.DataFrame, purchases: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    """Return who both buys and sells this year; ``both`` are the firms covered on either side."""
    sold = sales.filter("this_year").select(FIRM, PARTNER, "recent_fen")
    bought = purchases.filter("this_year").select(FIRM, PARTNER, pl.lit(True).alias("is_both"))  # noqa: FBT003 - a column
    met = sold.join(bought, on=[FIRM, PARTNER], how="left")
    recent = pl.col("recent_fen")
    found = met.group_by(FIRM).agg(
        pl.col("is_both").sum().cast(pl.Int64).alias("reciprocal_count"),
        share(recent.filter(pl.col("is_both")).sum(), recent.sum()).alias("reciprocal_share"),
    )
    return both.join(found, on=FIRM, how="left").with_columns(pl.col("reciprocal_count").fill_null(0))


def totals_of(partners: pl.DataFrame) -> pl.DataFrame:
    """Return how many invoices, and how many void ones, each partner has with all firms together."""
    return partners.group_by(PARTNER).agg(pl.col("invoices", "void").sum())


def elsewhere(partners: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """Return, per firm and partner, whether the partner trades with *other* firms and how much of that is void."""
    own = partners.group_by(FIRM, PARTNER).agg(pl.col("invoices", "void").sum())
    everybody = totals.with_columns(pl.col(PARTNER).cast(partners.schema[PARTNER]))
    others = own.join(everybody, on=PARTNER, how="left", suffix="_all").with_columns(
        (pl.col("invoices_all") - pl.col("invoices")).alias("other"),
        (pl.col("void_all") - pl.col("void")).alias("other_void"),
    )  # fmt: skip
    return others.select(
        FIRM, PARTNER, (pl.col("other") > 0).alias("is_shared"),
        share(pl.col("other_void"), pl.col("other")).alias("void_elsewhere"),
    )  # fmt: skip


def neighbours(pairs: pl.DataFrame, others: pl.DataFrame, partner: str) -> pl.DataFrame:
    """Return what other firms' invoices tell of the partners, weighted by turnover."""
    met = pairs.filter("ever").join(others, on=[FIRM, PARTNER], how="left")
    shared = pl.col("is_shared")
    weighted = (_POSITIVE * pl.col("void_elsewhere")).filter(shared).sum()
    return met.group_by(FIRM).agg(
        (shared & _THIS_YEAR).sum().cast(pl.Int64).alias(f"shared_{partner}_count"),
        share(_POSITIVE.filter(shared).sum(), _POSITIVE.sum()).alias(f"shared_{partner}_share"),
        share(weighted, _POSITIVE.filter(shared).sum()).alias(f"{partner}_void_elsewhere"),
    )


def of_side(partners: pl.DataFrame, direction: str) -> pl.DataFrame:
    return partners.filter(pl.col(SIDE) == direction)
