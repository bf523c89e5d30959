"""The invoice facts as somebody at home in pandas would write them: plain group-bys over the rows of invoices.

Written from the formulas of the fact type table alone; the bench and a test hold both sides to equal numbers.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

YEAR, TWO_YEARS = 12, 24
FIRM, MONTH, PARTNER = "organisation_id", "month", "counterparty"
SIDES = (("OUT", "sales", "customer"), ("IN", "purchases", "supplier"))
CEILINGS = ((990_000, 1_000_000), (9_900_000, 10_000_000), (99_000_000, 100_000_000))


def _share(part: Any, whole: Any) -> Any:
    return (part / whole).where(whole > 0)


def _latest(day: Any) -> Any:
    following = pd.Timestamp(day) + pd.Timedelta(days=1)
    return following.year * 12 + following.month - 2


def profiles(invoices: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return a row per firm and a column per number, NaN where missing."""
    issued = invoices["issued_on"].dt
    rows = invoices.assign(month=issued.year * 12 + issued.month - 1)
    latest = _latest(day)
    found = pd.DataFrame(index=pd.Index(np.sort(rows[FIRM].unique()), name=FIRM))
    kept, monthly = {}, {}
    pairs = rows.groupby([FIRM, PARTNER])["is_void"].agg(["size", "sum"])
    totals = pairs.groupby(level=PARTNER).sum()
    others = totals.reindex(pairs.index.get_level_values(PARTNER)).set_axis(pairs.index) - pairs
    for direction, side, partner in SIDES:
        of_side = rows[rows["direction"] == direction]
        good = of_side[of_side["is_effective"]]
        monthly[side] = _grid(good, latest)
        kept[side] = good
        for part in (
            _months(monthly[side], side), _rhythm(good, day, side), _slips(of_side, good, side),
            _habits(of_side, good, latest, side), _partners(good, monthly[side], latest, partner),
            _neighbours(good, others, latest, partner),
        ):  # fmt: skip
            found = found.join(part)
    found = found.rename(
        columns={"sales_active_months": "invoice_active_months", "sales_gap_months": "invoice_gap_months"}
    )
    found = found.join(_declining(monthly["sales"])).join(_reciprocal(kept, monthly, latest))
    return _together(found, rows[rows["is_effective"]], monthly, day)


def _grid(good: Any, latest: Any) -> Any:
    """Return net amounts by firm and month since its first, NaN before it, and counts of invoices beside them."""
    complete = good[good[MONTH] <= latest]
    by_month = complete.groupby([FIRM, MONTH])["amount_fen"]
    months = range(int(complete[MONTH].min()), latest + 1) if len(complete) else range(latest, latest + 1)
    net = by_month.sum().unstack().reindex(columns=months)  # noqa: PD010 - as people write it
    count = by_month.size().unstack().reindex(columns=months).fillna(0)  # noqa: PD010
    first = complete.groupby(FIRM)[MONTH].min()
    is_known = np.array(months)[None, :] >= first.to_numpy()[:, None]
    amounts = pd.DataFrame(np.where(is_known, net.fillna(0), np.nan), index=net.index, columns=months)
    return amounts, count.where(is_known), latest


def _span(amounts: Any, newest: Any, months: Any) -> Any:
    window = amounts.loc[
        :, [m for m in amounts.columns if amounts.columns[-1] - newest - months < m <= amounts.columns[-1] - newest]
    ]
    return window.sum(axis=1, min_count=months)


def _last(amounts: Any, months: Any) -> Any:
    return amounts.iloc[:, -months:]


def _variation(window: Any) -> Any:
    known = window.notna().sum(axis=1)
    mean = window.mean(axis=1)
    return (window.std(axis=1, ddof=0) / mean).where((known >= 6) & (mean > 0))


def _longest_run(count: Any) -> Any:
    runs, longest = np.zeros(len(count)), np.zeros(len(count))
    for month in count.columns:
        quiet = (count[month] == 0).to_numpy()
        runs = np.where(quiet, runs + 1, 0)
        longest = np.maximum(longest, runs)
    return longest


def _months(grid: Any, side: Any) -> Any:
    amounts, count, _ = grid
    year, two = _last(amounts, YEAR), _last(amounts, TWO_YEARS)
    out = pd.DataFrame(index=amounts.index)
    out[f"annual_{side}_fen"] = year.sum(axis=1)
    for months in (3, 6, TWO_YEARS):
        out[f"{side}_{months}m_fen"] = _span(amounts, 0, months)
    out[f"{side}_month_median_fen"] = np.floor(amounts.median(axis=1) + 0.5)
    for name, months, back in (("growth", 12, 12), ("growth_6m", 6, 12), ("growth_3m", 3, 12), ("momentum", 3, 3)):
        before = _span(amounts, back, months)
        out[f"{side}_{name}"] = _share(_span(amounts, 0, months) - before, before)
    full = year.notna().sum(axis=1) == YEAR
    if year.shape[1] == YEAR:
        centred = np.arange(YEAR) - (YEAR - 1) / 2
        out[f"{side}_trend"] = _share((year * centred).sum(axis=1) / (centred**2).sum(), year.mean(axis=1)).where(full)
        out[f"{side}_peak_share"] = _share(year.max(axis=1), year.sum(axis=1)).where(full)
    else:
        out[f"{side}_trend"] = out[f"{side}_peak_share"] = np.nan
    out[f"{side}_volatility"], out[f"{side}_volatility_24m"] = _variation(year), _variation(two)
    calendar = two.T.groupby(np.array(two.columns) % 12).mean().T
    both = two.notna().sum(axis=1) == TWO_YEARS
    out[f"{side}_seasonality"] = _share(calendar.max(axis=1) - calendar.min(axis=1), two.mean(axis=1).where(both))
    out[f"{side}_active_months"] = (_last(count, TWO_YEARS) > 0).sum(axis=1)
    out[f"{side}_gap_months"] = _longest_run(_last(count, TWO_YEARS))
    return out


def _declining(grid: Any) -> Any:
    amounts = grid[0]
    out = pd.Series(np.nan, index=amounts.index, name="sales_declining_months")
    if amounts.shape[1] >= TWO_YEARS:
        now, before = amounts.iloc[:, -YEAR:].to_numpy(), amounts.iloc[:, -TWO_YEARS:-YEAR].to_numpy()
        out[:] = np.where(np.isnan(before).any(axis=1), np.nan, (now < before).sum(axis=1))
    return out


def _rhythm(good: Any, day: Any, side: Any) -> Any:
    by_firm = good.groupby(FIRM)
    span = day.year * 12 + day.month - by_firm[MONTH].min()
    out = pd.DataFrame(index=span.index)
    count = by_firm.size()
    weekday = good["issued_on"].dt.day_of_week
    out[f"{side}_invoices_a_month"] = count / span
    out[f"{side}_active_share"] = by_firm[MONTH].nunique() / span
    out[f"{side}_days_a_month"] = by_firm["issued_on"].nunique() / span
    out[f"{side}_weekend_share"] = (weekday >= 5).groupby(good[FIRM]).mean()
    by_day = good[weekday < 5].groupby([FIRM, weekday]).size().unstack(fill_value=0)  # noqa: PD010
    parts = by_day.div(by_day.sum(axis=1), axis=0)
    logs = np.log(parts.where(parts > 0, 1.0))
    out[f"{side}_weekday_evenness"] = -(parts * logs).sum(axis=1) / np.log(5)
    positive = good[good["amount_fen"] > 0].groupby(FIRM)
    out[f"{side}_invoice_mean_fen"] = np.floor(positive["amount_fen"].mean() + 0.5)
    out[f"{side}_tax_rate"] = positive["tax_fen"].sum() / positive["amount_fen"].sum()
    quiet = (pd.Timestamp(day) - by_firm["issued_on"].max()).dt.days
    days = good[[FIRM, "issued_on"]].drop_duplicates().sort_values([FIRM, "issued_on"])
    gap = days.groupby(FIRM)["issued_on"].diff().dt.days.groupby(days[FIRM]).max()
    out[f"{side}_quiet_days"] = quiet
    out[f"{side}_longest_gap_days"] = np.fmax(gap, quiet)
    return out


def _slips(rows: Any, good: Any, side: Any) -> Any:
    out = pd.DataFrame({f"{side}_void_share": rows.groupby(FIRM)["is_void"].mean()})
    amount = good["amount_fen"]
    red = (-amount.clip(upper=0)).groupby(good[FIRM]).sum()
    out[f"{side}_red_share"] = _share(red, amount.clip(lower=0).groupby(good[FIRM]).sum())
    return out


def _habits(rows: Any, good: Any, latest: Any, side: Any) -> Any:
    year = rows[(rows[MONTH] > latest - YEAR) & (rows[MONTH] <= latest)]
    kept = good[(good[MONTH] > latest - YEAR) & (good[MONTH] <= latest)]
    issued = kept["issued_on"].dt
    count, firm = kept.groupby(FIRM).size(), kept[FIRM]
    out = pd.DataFrame(index=pd.Index(year[FIRM].unique(), name=FIRM))
    out[f"{side}_month_end_share"] = (issued.days_in_month - issued.day < 3).groupby(firm).sum() / count
    out[f"{side}_largest_fen"] = kept.groupby(FIRM)["amount_fen"].max()
    amount, tax = kept["amount_fen"], kept["tax_fen"]
    positive = amount.clip(lower=0)
    whole = positive.groupby(firm).sum()
    parts = {"large": amount >= 10_000_000, "standard_rate": tax >= amount * 0.125,
             "reduced_rate": (tax > 0) & (tax <= amount * 0.035)}  # fmt: skip
    if side == "sales":
        parts["untaxed"] = tax == 0
        void = year.groupby(FIRM)["is_void"].sum()
        counted = void.add(count, fill_value=0)
        out["void_share"] = _share(void, counted)
        out["red_letter_share"] = (amount < 0).groupby(firm).sum() / count
    for name, chosen in parts.items():
        out[f"{side}_{name}_share"] = _share((positive * chosen).groupby(firm).sum(), whole)
    return out


def _partners(good: Any, grid: Any, latest: Any, partner: Any) -> Any:
    recent = good[(good[MONTH] > latest - YEAR) & (good[MONTH] <= latest)]
    out = pd.DataFrame(index=grid[0].index)
    positive = recent[recent["amount_fen"] > 0]
    out[f"{partner}_count"] = positive.groupby(FIRM)[PARTNER].nunique()
    out[f"{partner}_count"] = out[f"{partner}_count"].fillna(0)
    net = recent.groupby([FIRM, PARTNER])["amount_fen"].sum().clip(lower=0)
    parts = _share(net, net.groupby(level=0).transform("sum"))
    by_firm = parts.dropna().groupby(level=0)
    out[f"top_{partner}_share"] = by_firm.max()
    out[f"top5_{partner}_share"] = (
        parts.dropna().sort_values(ascending=False).groupby(level=0).head(5).groupby(level=0).sum()
    )
    out[f"{partner}_concentration"] = (parts.dropna() ** 2).groupby(level=0).sum()
    whole_year = grid[0].iloc[:, -YEAR:].notna().sum(axis=1) == YEAR
    monthly = positive.groupby([FIRM, MONTH])[PARTNER].nunique().groupby(level=0).sum() / YEAR
    out[f"{partner}s_a_month"] = monthly.reindex(out.index).fillna(0.0).where(whole_year)
    return out.join(_loyalty(good[good["amount_fen"] > 0], latest, partner), how="outer")


def _loyalty(positive: Any, latest: Any, partner: Any) -> Any:
    ever = positive.groupby([FIRM, PARTNER])["amount_fen"].sum()
    parts = ever / ever.groupby(level=0).transform("sum")
    out = pd.DataFrame({f"{partner}_top_share_ever": parts.groupby(level=0).max()})
    out[f"{partner}_concentration_ever"] = (parts**2).groupby(level=0).sum()
    month = positive[MONTH]
    recent = positive[(month > latest - YEAR) & (month <= latest)].groupby([FIRM, PARTNER])["amount_fen"].sum()
    now = pd.Series(ever.index.isin(recent.index), index=ever.index)
    old = pd.Series(
        ever.index.isin(pd.MultiIndex.from_frame(positive.loc[month <= latest - YEAR, [FIRM, PARTNER]])),
        index=ever.index,
    )
    before = positive.loc[(month > latest - TWO_YEARS) & (month <= latest - YEAR), [FIRM, PARTNER]]
    prior = pd.Series(ever.index.isin(pd.MultiIndex.from_frame(before)), index=ever.index)
    known = old.groupby(level=0).any()
    amounts = recent.reindex(ever.index).fillna(0)
    whole = amounts.groupby(level=0).sum()
    out[f"loyal_{partner}_share"] = _share((amounts * old).groupby(level=0).sum(), whole).where(known)
    out[f"{partner}_retention"] = _share((now & prior).groupby(level=0).sum(), prior.groupby(level=0).sum())
    out[f"new_{partner}_count"] = (now & ~old).groupby(level=0).sum().where(known)
    return out


def _neighbours(good: Any, others: Any, latest: Any, partner: Any) -> Any:
    positive = good[good["amount_fen"] > 0]
    ever = positive.groupby([FIRM, PARTNER])["amount_fen"].sum()
    met = others.reindex(ever.index)
    shared = met["size"] > 0
    recent = positive[(positive[MONTH] > latest - YEAR) & (positive[MONTH] <= latest)]
    now = ever.index.isin(pd.MultiIndex.from_frame(recent[[FIRM, PARTNER]]))
    both = (ever * shared).groupby(level=0).sum()
    out = pd.DataFrame({f"shared_{partner}_count": (shared & now).groupby(level=0).sum()})
    out[f"shared_{partner}_share"] = both / ever.groupby(level=0).sum()
    void = (met["sum"] / met["size"]).where(shared, 0.0)
    out[f"{partner}_void_elsewhere"] = _share((ever * void).groupby(level=0).sum(), both)
    return out


def _reciprocal(kept: Any, monthly: Any, latest: Any) -> Any:
    both = monthly["sales"][0].index.intersection(monthly["purchases"][0].index)
    recent = {
        side: good[(good["amount_fen"] > 0) & (good[MONTH] > latest - YEAR) & (good[MONTH] <= latest)]
        for side, good in kept.items()
    }
    sold = recent["sales"].groupby([FIRM, PARTNER])["amount_fen"].sum()
    bought = pd.MultiIndex.from_frame(recent["purchases"][[FIRM, PARTNER]].drop_duplicates())
    is_both = pd.Series(sold.index.isin(bought), index=sold.index)
    out = pd.DataFrame(index=both)
    out["reciprocal_count"] = is_both.groupby(level=0).sum()
    out["reciprocal_count"] = out["reciprocal_count"].fillna(0)
    out["reciprocal_share"] = _share((sold * is_both).groupby(level=0).sum(), sold.groupby(level=0).sum())
    return out


def _together(found: Any, good: Any, monthly: Any, day: Any) -> Any:
    sold, bought = good[good["direction"] == "OUT"], good[good["direction"] == "IN"]
    months = day.year * 12 + day.month - good.groupby(FIRM)[MONTH].min()
    sales = sold.groupby(FIRM)["amount_fen"].sum().reindex(found.index).fillna(0)
    purchases = bought.groupby(FIRM)["amount_fen"].sum().reindex(found.index)
    tax = [one.groupby(FIRM)["tax_fen"].sum().reindex(found.index).fillna(0) for one in (sold, bought)]
    positive = sold.loc[sold["amount_fen"] > 0, [FIRM, "amount_fen"]]
    near = sum(positive["amount_fen"].between(low, high).astype(int) for low, high in CEILINGS)
    before = {side: _span(monthly[side][0], YEAR, YEAR).reindex(found.index) for side in monthly}
    now, spent = found["annual_sales_fen"], found["annual_purchases_fen"]
    margin = _share(now - spent, now)
    return found.copy().assign(
        invoice_months_known=months,
        purchases_to_sales=_share(purchases, sales),
        tax_burden=_share(tax[0] - tax[1], sales),
        ceiling_share=near.groupby(positive[FIRM]).mean(),
        value_added_fen=now - spent,
        gross_margin=margin,
        gross_margin_change=margin - _share(before["sales"] - before["purchases"], before["sales"]),
    )
