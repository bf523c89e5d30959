"""What a firm's invoices say about its risk, for all firms at once, column by column.

Each feature has one row in FEATURES with its formula; docs/algorithms/scorecard.md says why it is there. Amounts are
net of tax and of red-letter invoices; void invoices count only in the shares of void ones. What the invoices cannot
tell (no sales at all, too few months, no partner another firm also trades with) is null, never zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

YEAR = 12
_FIRM = "enterprise"
_SIDES = {"OUT": "sales", "IN": "purchases"}
_PARTNER = {"OUT": "customer", "IN": "supplier"}


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of a model: what people call it, how it is computed, in which unit."""

    code: str
    label: str
    unit: str
    formula: str


def _pair(code: str, label: str, unit: str, formula: str) -> tuple[Feature, Feature]:
    """Return the feature of sales and its twin of purchases; ``{}`` stands for the side."""
    sales, purchases = (
        Feature(f"{side}_{code}", label.replace("{}", word), unit, formula.replace("{}", word))
        for side, word in (("sales", "销项"), ("purchases", "进项"))
    )
    return sales, purchases


FEATURES = (
    *_pair("year", "近一年{}额", "元", "近12个完整月有效{}发票不含税金额之和，红字冲减"),
    *_pair("month_median", "{}月额中位数", "元", "首张{}发票以来各月净额的中位数"),
    *_pair("invoice_mean", "{}单张均额", "元", "有效正数{}发票的不含税金额均值"),
    *_pair("invoices_a_month", "月均{}张数", "张", "有效{}发票张数除以首张以来的月数"),
    *_pair("active_share", "有{}的月份占比", "比例", "首张{}发票以来，有有效{}发票的月份占比"),
    *_pair("quiet_days", "距最近一张{}发票的天数", "天", "数据截止日减最近一张有效{}发票的开票日"),
    *_pair("longest_gap", "{}最长间断", "天", "相邻两个{}开票日之间（含至截止日）的最长天数"),
    *_pair("growth", "{}额同比", "对数", "近12个完整月与再前12个月{}净额之比的对数；不足24个月或不为正则缺"),
    *_pair("turn", "{}额近季同比", "对数", "近3个完整月与上年同期{}净额之比的对数；不足15个月或不为正则缺"),
    *_pair("volatility", "{}月额波动系数", "", "近24个完整月{}月净额的标准差除以均值；不足6个月或均值不为正则缺"),
    *_pair("partners", "{}交易对手数", "家", "近12个完整月有有效正数{}发票的对手数"),
    *_pair("top_share", "{}最大对手占比", "比例", "全部有效正数{}金额中最大对手的占比"),
    *_pair("concentration", "{}对手集中度", "", "全部有效正数{}金额按对手占比的平方和"),
    *_pair("loyal_share", "{}老对手占比", "比例", "近12个完整月{}金额中，此前已有往来的对手所占；此前无记录则缺"),
    *_pair("void_share", "{}作废占比", "比例", "作废{}发票张数除以全部{}发票张数"),
    *_pair("red_share", "{}红字占比", "比例", "有效红字{}发票金额绝对值除以有效正数{}发票金额"),
    *_pair("tax_rate", "{}平均税率", "比例", "有效正数{}发票税额之和除以金额之和"),
    *_pair("weekend_share", "{}周末开票占比", "比例", "有效{}发票中周六、周日开具的占比"),
    *_pair("weekday_evenness", "{}星期分布均匀度", "", "有效{}发票在周一至周五的分布熵除以 ln 5"),
    *_pair("days_a_month", "月均{}开票日数", "天", "有有效{}发票的日数除以首张以来的月数"),
    *_pair("partner_void_share", "{}对手在别处的作废占比", "比例",
           "按{}金额加权：对手与其他企业之间作废发票的占比；对手无其他往来则缺"),
    *_pair("shared_share", "{}与他企共有对手占比", "比例", "{}金额中，对手还与数据中其他企业往来的占比"),
    Feature("months_known", "有发票记录的月数", "月", "首张有效发票至数据截止月的月数"),
    Feature("purchases_to_sales", "进销比", "对数", "有效进项净额与销项净额之比的对数；任一方不为正则缺"),
    Feature("value_added_year", "近一年增值额", "元",
            "近12个完整月有效销项净额减有效进项净额，即偿还借款的毛利来源；任一方无记录则缺"),
    Feature("tax_burden", "增值税负", "比例", "销项税额减进项税额，除以销项净额；销项不为正则缺"),
    Feature("ceiling_share", "顶额开票占比", "比例", "有效正数销项发票中，金额在九千九百至一万、九万九千至十万、"
            "九十九万至一百万元之间（发票限额附近）的张数占比"),
)  # fmt: skip


def features_of(invoices: pl.DataFrame) -> pl.DataFrame:
    """Return one row per firm, sorted by ``enterprise``, and a Float64 column per feature, null where unknown.

    ``invoices`` needs enterprise, direction, issued_on, counterparty, amount_fen, tax_fen, is_void, is_effective.
    Time ends for all firms with the newest invoice of the whole table.
    """
    ends_on = pl.col("issued_on").max().over(pl.lit(1))
    month = pl.col("issued_on").dt.year().cast(pl.Int32) * YEAR + pl.col("issued_on").dt.month() - 1
    dated = invoices.with_columns(
        month.alias("month"), ends_on.alias("ends_on"), (pl.col("amount_fen") / 100).alias("amount")
    )
    firms = dated.select(_FIRM).unique().sort(_FIRM)
    if not firms.height:
        return pl.DataFrame(schema={_FIRM: pl.String} | {feature.code: pl.Float64 for feature in FEATURES})
    latest = _latest_complete(dated)
    elsewhere = _elsewhere(dated)
    parts = [_both_sides(dated)]
    for direction, side in _SIDES.items():
        rows = dated.filter(pl.col("direction") == direction)
        good = rows.filter("is_effective")
        parts += [
            part.rename({name: f"{side}_{name}" for name in part.columns if name != _FIRM})
            for part in (_rhythm(good), _months(good, latest), _partners(good, latest), _slips(rows),
                         _neighbours(good, elsewhere))
        ]  # fmt: skip
    for part in parts:
        firms = firms.join(part, on=_FIRM, how="left")
    firms = firms.with_columns((pl.col("sales_year") - pl.col("purchases_year")).alias("value_added_year"))
    return firms.select(_FIRM, *[pl.col(feature.code).cast(pl.Float64) for feature in FEATURES])


def columns_of(features: pl.DataFrame, firms: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return the features of these firms, in this order, as a model takes them: nan where unknown."""
    ordered = pl.DataFrame({_FIRM: firms}, schema={_FIRM: pl.String}).join(
        features, on=_FIRM, how="left", maintain_order="left"
    )
    return {f.code: ordered[f.code].fill_null(float("nan")).to_numpy().astype(np.float64) for f in FEATURES}


def _latest_complete(dated: pl.DataFrame) -> int:
    ends = dated["ends_on"][0]
    following = dated.select((pl.col("ends_on").first().dt.offset_by("1d")).dt.month()).item()
    return int(ends.year * YEAR + ends.month - 1 - (following == ends.month))


def _months_to(end: pl.Expr) -> pl.Expr:
    """Return the months from the first invoice's to that of ``end``, both counted."""
    return end.dt.year().cast(pl.Int32) * YEAR + end.dt.month() - pl.col("month").min()


def _share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Return part / whole, null where the whole is not positive."""
    return pl.when(whole > 0).then(part / whole)


def _ratio(upper: pl.Expr, lower: pl.Expr) -> pl.Expr:
    """Return the logarithm of a ratio, null where either is not positive."""
    return pl.when((upper > 0) & (lower > 0)).then((upper / lower).log())


def _rhythm(good: pl.DataFrame) -> pl.DataFrame:
    """Return how often and how regularly a side is invoiced."""
    amount, positive = pl.col("amount"), pl.col("amount") > 0
    weekday = pl.col("issued_on").dt.weekday()
    end = pl.col("ends_on").first()
    span = _months_to(end)
    days = pl.col("issued_on").unique().sort()
    gap = pl.concat_list(days.diff().dt.total_days().max(), (end - pl.col("issued_on").max()).dt.total_days())
    shares = [((weekday == day).sum() / (weekday <= 5).sum()) for day in range(1, 6)]
    entropy = -pl.sum_horizontal(pl.when(share > 0).then(share * share.log()).otherwise(0.0) for share in shares)
    return good.group_by(_FIRM).agg(
        amount.filter(positive).mean().alias("invoice_mean"),
        (pl.len() / span).alias("invoices_a_month"),
        (pl.col("month").n_unique() / span).alias("active_share"),
        (end - pl.col("issued_on").max()).dt.total_days().alias("quiet_days"),
        gap.list.max().alias("longest_gap"),
        (weekday > 5).mean().alias("weekend_share"),
        pl.when((weekday <= 5).any()).then(entropy / pl.lit(5.0).log()).alias("weekday_evenness"),
        (pl.col("issued_on").n_unique() / span).alias("days_a_month"),
        _share(pl.col("tax_fen").filter(positive).sum(), pl.col("amount_fen").filter(positive).sum()).alias("tax_rate"),
    )


def _months(good: pl.DataFrame, latest: int) -> pl.DataFrame:
    """Return sums, growth and volatility over complete months; a month without invoices since the first is a zero."""
    key = [_FIRM, "month"]
    sums = good.filter(pl.col("month") <= latest).group_by(key).agg(pl.col("amount").sum())
    first = sums.group_by(_FIRM).agg(pl.col("month").min().alias("first"))
    grid = first.with_columns(
        pl.int_ranges("first", latest + 1, dtype=pl.Int32).alias("month")
    ).explode("month", empty_as_null=False)  # fmt: skip
    every = grid.join(sums, on=key, how="left").with_columns(pl.col("amount").fill_null(0.0))

    def span(newest: int, months: int) -> pl.Expr:
        within = (pl.col("month") > latest - newest - months) & (pl.col("month") <= latest - newest)
        return pl.when(within.sum() == months).then(pl.col("amount").filter(within).sum())

    recent = pl.col("amount").filter(pl.col("month") > latest - 2 * YEAR)
    steady = (recent.len() >= 6) & (recent.mean() > 0)
    return every.group_by(_FIRM).agg(
        pl.col("amount").filter(pl.col("month") > latest - YEAR).sum().alias("year"),
        pl.col("amount").median().alias("month_median"),
        _ratio(span(0, YEAR), span(YEAR, YEAR)).alias("growth"),
        _ratio(span(0, 3), span(YEAR, 3)).alias("turn"),
        pl.when(steady).then(recent.std(ddof=0) / recent.mean()).alias("volatility"),
    )


def _partners(good: pl.DataFrame, latest: int) -> pl.DataFrame:
    """Return how many the other side are, how they concentrate, and how many stay."""
    this_year = (pl.col("month") > latest - YEAR) & (pl.col("month") <= latest)
    before = pl.col("month") <= latest - YEAR
    amount = pl.col("amount")
    each = good.filter(amount > 0).group_by(_FIRM, "counterparty").agg(
        amount.sum(), amount.filter(this_year).sum().alias("recent"), before.any().alias("is_old")
    )  # fmt: skip
    share = amount / amount.sum()
    recent = pl.col("recent")
    return each.group_by(_FIRM).agg(
        (recent > 0).sum().alias("partners"),
        share.max().alias("top_share"),
        (share**2).sum().alias("concentration"),
        pl.when(pl.col("is_old").any())
        .then(_share(recent.filter(pl.col("is_old")).sum(), recent.sum()))
        .alias("loyal_share"),
    )


def _slips(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the shares of what was voided and taken back."""
    amount, good = pl.col("amount"), pl.col("is_effective")
    taken_back = amount.filter(good & (amount < 0)).sum().abs()
    return rows.group_by(_FIRM).agg(
        pl.col("is_void").mean().alias("void_share"),
        _share(taken_back, amount.filter(good & (amount > 0)).sum()).alias("red_share"),
    )


def _elsewhere(dated: pl.DataFrame) -> pl.DataFrame:
    """Return, per firm and partner, how often the partner's invoices with *other* firms are void; null with none."""
    each = dated.group_by(_FIRM, "counterparty").agg(pl.len().alias("all"), pl.col("is_void").sum().alias("void"))
    whole = [pl.col(name).sum().over("counterparty") - pl.col(name) for name in ("all", "void")]
    others = each.with_columns(whole[0].alias("other"), whole[1].alias("other_void"))
    return others.select(
        _FIRM, "counterparty", (pl.col("other") > 0).alias("is_shared"),
        _share(pl.col("other_void"), pl.col("other")).alias("void_elsewhere"),
    )  # fmt: skip


def _neighbours(good: pl.DataFrame, elsewhere: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of the partners from other firms' invoices, weighted by turnover."""
    turnover = good.filter(pl.col("amount") > 0).group_by(_FIRM, "counterparty").agg(pl.col("amount").sum())
    met = turnover.join(elsewhere, on=[_FIRM, "counterparty"], how="left")
    amount, shared = pl.col("amount"), pl.col("is_shared")
    weighted = (amount * pl.col("void_elsewhere")).filter(shared).sum()
    return met.group_by(_FIRM).agg(
        _share(weighted, amount.filter(shared).sum()).alias("partner_void_share"),
        _share(amount.filter(shared).sum(), amount.sum()).alias("shared_share"),
    )


def _both_sides(dated: pl.DataFrame) -> pl.DataFrame:
    """Return what only sales and purchases together tell."""
    good = dated.filter("is_effective")
    amount, is_sale = pl.col("amount"), pl.col("direction") == "OUT"
    near = pl.any_horizontal(
        amount.is_between(9_900, 10_000), amount.is_between(99_000, 100_000), amount.is_between(990_000, 1_000_000)
    )
    sold = is_sale & (amount > 0)
    tax = pl.col("tax_fen") / 100
    end = pl.col("ends_on").first()
    return good.group_by(_FIRM).agg(
        _months_to(end).alias("months_known"),
        _ratio(amount.filter(~is_sale).sum(), amount.filter(is_sale).sum()).alias("purchases_to_sales"),
        _share(tax.filter(is_sale).sum() - tax.filter(~is_sale).sum(), amount.filter(is_sale).sum()).alias(
            "tax_burden"
        ),
        _share(near.filter(sold).sum(), sold.sum()).alias("ceiling_share"),
    )
