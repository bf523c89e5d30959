"""Every formula, on small tables computed by hand, and all of them against a plain loop over random invoices."""

import datetime as dt
import math
from collections import defaultdict
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmart.centres.data.profiles.rules import months
from finmart.centres.data.profiles.rules.from_invoices import NUMBERS, SERIES, TIES, facts_of
from finmart.centres.data.profiles.rules.values import from_columns, months_between, shown, to_columns
from finmart.centres.data.profiles.types import FACT_TYPES, UnableToRecord

pytestmark = pytest.mark.clause("D3")
AS_OF = dt.date(2019, 12, 31)
SCHEMA = {
    "organisation_id": pl.Int64, "direction": pl.String, "issued_on": pl.Date, "counterparty": pl.String,
    "amount_fen": pl.Int64, "tax_fen": pl.Int64, "is_void": pl.Boolean, "is_effective": pl.Boolean,
}  # fmt: skip


def sale(month, fen, partner="甲", *, void=False, firm=1, direction="OUT", day=15, tax=0):
    year, number = divmod(month - 1, 12)
    return (firm, direction, dt.date(2018 + year, number + 1, day), partner, fen, tax, void, not void)


def purchase(month, fen, partner="甲", **options):
    return sale(month, fen, partner, direction="IN", **options)


def facts(*rows, as_of=AS_OF, firm=1):
    table = facts_of(pl.DataFrame(rows, schema=SCHEMA, orient="row"), as_of)
    return table.filter(pl.col("organisation_id") == firm).row(0, named=True)


# Months count from January 2018 (1) to December 2019 (24).


def test_sales_and_purchases_by_month_are_net_and_without_holes():
    found = facts(
        sale(22, 1000), sale(22, 500), sale(24, -300), sale(23, 9999, void=True), purchase(24, 70), purchase(24, -20)
    )
    assert [(one["month"], one["fen"]) for one in found["monthly_sales"]] == [
        ("2019-10", 1500), ("2019-11", 0), ("2019-12", -300),
    ]  # fmt: skip
    assert [(one["month"], one["fen"]) for one in found["monthly_purchases"]] == [("2019-12", 50)]
    assert (found["annual_sales_fen"], found["annual_purchases_fen"]) == (1200, 50)


def test_annual_sums_take_the_latest_twelve_complete_months():
    rows = [sale(12, 1), sale(13, 10), sale(24, 100)]
    assert facts(*rows)["annual_sales_fen"] == 110
    assert facts(*rows, as_of=dt.date(2019, 12, 30))["annual_sales_fen"] == 11
    assert facts(*rows, sale(25, 1000), as_of=dt.date(2020, 1, 30))["annual_sales_fen"] == 110


@pytest.mark.parametrize(
    ("before", "after", "growth"), [(100, 150, 0.5), (100, 50, -0.5), (100, 0, -1.0), (0, 100, None), (-5, 100, None)]
)
def test_growth(before, after, growth):
    rows = [sale(1, before)] + ([sale(13, after)] if after else [])
    assert facts(*rows)["sales_growth"] == growth


def test_growth_needs_two_years():
    assert facts(sale(2, 100), sale(13, 100))["sales_growth"] is None


def test_volatility_is_deviation_over_mean_of_the_year():
    # Twelve months, six of 100 and six of 300: mean 200, deviation 100.
    assert facts(*[sale(m, 100 if m % 2 else 300) for m in range(13, 25)])["sales_volatility"] == 0.5
    # Six covered months, one of them quiet: 60 60 60 60 60 0 → mean 50, deviation √500.
    quiet = facts(*[sale(m, 60) for m in range(19, 24)])["sales_volatility"]
    assert quiet == pytest.approx(math.sqrt(500) / 50)


def test_volatility_needs_six_months_and_a_positive_mean():
    assert facts(*[sale(m, 60) for m in range(20, 25)])["sales_volatility"] is None
    assert facts(*[sale(m, -60) for m in range(1, 25)])["sales_volatility"] is None


def test_seasonality_is_the_spread_of_calendar_months_over_the_mean():
    # Every December 340, every other month 60: means 60…340, over all (11·60 + 340)/12 = 83⅓.
    found = facts(*[sale(m, 340 if m % 12 == 0 else 60) for m in range(1, 25)])
    assert found["sales_seasonality"] == pytest.approx(280 / (1000 / 12))
    assert facts(*[sale(m, 50) for m in range(1, 25)])["sales_seasonality"] == 0
    assert facts(*[sale(m, 50) for m in range(2, 25)])["sales_seasonality"] is None


def test_customers_their_number_and_concentration():
    found = facts(
        sale(20, 600, "甲"), sale(21, 300, "乙"), sale(22, 100, "丙"), sale(22, -50, "丁"), sale(12, 900, "旧"),
        sale(23, 900, "废", void=True), purchase(20, 80, "供"), purchase(21, 20, "货"),
    )  # fmt: skip
    assert found["customer_count"] == 3
    assert found["top_customer_share"] == pytest.approx(0.6)
    assert found["customer_concentration"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert (found["supplier_count"], found["top_supplier_share"]) == (2, pytest.approx(0.8))
    assert found["supplier_concentration"] == pytest.approx(0.68)


def test_a_firm_that_stopped_selling_has_no_customers_and_no_shares():
    found = facts(sale(1, 100))
    assert (found["customer_count"], found["annual_sales_fen"]) == (0, 0)
    assert found["top_customer_share"] is found["void_share"] is found["red_letter_share"] is None


def test_shares_of_void_and_red_letter_invoices_count_sales_of_the_year():
    found = facts(
        sale(20, 1), sale(20, 1), sale(21, -1), sale(21, 1, void=True), sale(22, 1), sale(12, 1, void=True),
        purchase(20, 1, void=True),
    )  # fmt: skip
    assert (found["void_share"], found["red_letter_share"]) == (0.2, 0.25)


def test_active_and_gap_months():
    found = facts(sale(5, 1), sale(6, 1), sale(10, 1), sale(20, 1), sale(24, -1))
    assert (found["invoice_active_months"], found["invoice_gap_months"]) == (5, 9)
    trailing = facts(sale(3, 1), sale(10, 1))
    assert (trailing["invoice_active_months"], trailing["invoice_gap_months"]) == (2, 14)
    assert facts(*[sale(m, 1) for m in range(1, 25)])["invoice_gap_months"] == 0


def test_missing_stays_missing():
    only_purchases = facts(purchase(20, 5))
    for code in ("annual_sales_fen", "customer_count", "monthly_sales", "invoice_active_months", "invoice_gap_months"):
        assert only_purchases[code] is None, code
    only_void = facts(sale(20, 5, void=True))
    assert only_void["void_share"] == 1
    told = {"void_share": 1, "sales_void_share": 1}
    assert {code: only_void[code] for code in (*NUMBERS, *SERIES, *TIES) if only_void[code] is not None} == told
    too_late = facts(sale(25, 5))
    assert [code for code in (*NUMBERS, *SERIES, *TIES) if too_late[code] is not None] == []


def test_no_invoices_no_firms():
    assert facts_of(pl.DataFrame(schema=SCHEMA), AS_OF).height == 0


_invoices = st.lists(
    st.tuples(
        st.integers(1, 3), st.sampled_from(["IN", "OUT"]), st.dates(dt.date(2017, 6, 1), dt.date(2020, 2, 10)),
        st.sampled_from("甲乙丙"), st.integers(-500, 1000), st.integers(-60, 130), st.booleans(),
    ).map(lambda row: (*row, not row[-1])),
    max_size=40,
)  # fmt: skip


def _shares_plainly(out):
    found = {}
    if out:
        found["void_share"] = sum(r[6] for r in out) / len(out)
    if good := [r for r in out if r[7]]:
        found["red_letter_share"] = sum(r[4] < 0 for r in good) / len(good)
    return found


def _partners_plainly(recent, names):
    net = defaultdict(int)
    for r in recent:
        net[r[3]] += r[4]
    whole = sum(max(n, 0) for n in net.values())
    shares = [max(n, 0) / whole for n in net.values()] if whole else []
    partners = len({r[3] for r in recent if r[4] > 0})
    values = (sum(r[4] for r in recent), partners, max(shares, default=None), sum(s * s for s in shares) or None)
    return dict(zip(names, values, strict=True))


def _rhythm_plainly(sales):
    found = {}
    numbered = [((r[2].year - 2018) * 12 + r[2].month, r[4]) for r in sales]
    first = max(min(month for month, _ in numbered), 1)
    covered = range(first, 25)
    amount = {m: sum(fen for month, fen in numbered if month == m) for m in covered}
    active = {m for m, _ in numbered if m >= 1}
    runs = "".join("x" if m in active else "." for m in covered).split("x")
    found["invoice_active_months"], found["invoice_gap_months"] = len(active), max(len(run) for run in runs)
    recent = [amount[m] for m in covered if m > 12]
    mean, before = sum(recent) / len(recent), sum(amount[m] for m in covered if m <= 12)
    if len(recent) >= 6 and mean > 0:
        found["sales_volatility"] = math.sqrt(sum((a - mean) ** 2 for a in recent) / len(recent)) / mean
    if first == 1 and before > 0:
        found["sales_growth"] = (sum(recent) - before) / before
    if first == 1 and sum(amount.values()) > 0:
        of_year = [(amount[m] + amount[m + 12]) / 2 for m in range(1, 13)]
        found["sales_seasonality"] = (max(of_year) - min(of_year)) / (sum(amount.values()) / 24)
    return found


SIDES = {
    "OUT": ("annual_sales_fen", "customer_count", "top_customer_share", "customer_concentration"),
    "IN": ("annual_purchases_fen", "supplier_count", "top_supplier_share", "supplier_concentration"),
}
LOOPED = (
    *(name for names in SIDES.values() for name in names), "void_share", "red_letter_share", "invoice_active_months",
    "invoice_gap_months", "sales_volatility", "sales_growth", "sales_seasonality",
)  # fmt: skip


def _plainly(rows, firm):
    """The same formulas as loops, for one firm, as of 2019-12-31."""
    mine = [r for r in rows if r[0] == firm and r[2] <= AS_OF]
    year = [r for r in mine if r[2] >= dt.date(2019, 1, 1)]
    found = dict.fromkeys(LOOPED) | _shares_plainly([r for r in year if r[1] == "OUT"])
    for direction, names in SIDES.items():
        if any(r[1] == direction and r[7] for r in mine):
            found |= _partners_plainly([r for r in year if r[1] == direction and r[7]], names)
    sales = [r for r in mine if r[1] == "OUT" and r[7]]
    return found | (_rhythm_plainly(sales) if sales else {})


@given(_invoices)
@settings(max_examples=150, deadline=None)
def test_the_columns_agree_with_a_plain_loop(rows):
    table = facts_of(pl.DataFrame(rows, schema=SCHEMA, orient="row"), AS_OF)
    assert table["organisation_id"].to_list() == sorted({row[0] for row in rows})
    for row in table.iter_rows(named=True):
        expected = _plainly(rows, row["organisation_id"])
        assert {code: row[code] for code in LOOPED} == pytest.approx(expected, nan_ok=False)


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("annual_sales_fen", 123_456, "1,234.56 元"),
        ("annual_sales_fen", 1_234_500_00, "123.45 万元"),
        ("annual_sales_fen", 50_000_000_000, "5 亿元"),
        ("annual_sales_fen", None, "暂缺"),
        ("annual_sales_fen", 0, "0.00 元"),
        ("sales_growth", Decimal("-0.125"), "-12.5 %"),
        ("invoice_gap_months", 3, "3 个月"),
        ("sales_volatility", Decimal("0.5"), "0.5"),
        ("tax_grade", "A", "A 级"),
        ("is_high_tech", False, "否"),
        ("established_on", dt.date(2015, 3, 2), "2015-03-02"),
        ("monthly_sales", (("2019-11", 0), ("2019-12", 100)), "2 个月，最近 2019-12：1.00 元"),
        ("monthly_sales", (), "暂缺"),
    ],
)
def test_values_read_as_people_read_them(code, value, text):
    assert shown(FACT_TYPES[code], value) == text


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("employees", -1), ("employees", Decimal("1.5")), ("employees", "12"), ("employees", True),
        ("employees", 10**18), ("registered_capital_fen", Decimal("NaN")), ("tax_grade", "Z"), ("tax_grade", 1),
        ("is_high_tech", 1), ("established_on", "2015-03-02"), ("industry_code", ""), ("industry_code", "x" * 201),
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_refused_with_what_is_wanted(code, value):
    with pytest.raises(UnableToRecord) as refused:
        to_columns(FACT_TYPES[code], value)
    assert refused.value.field == code
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("code", "value"),
    [("employees", 0), ("employees", 10**15), ("tax_grade", "M"), ("is_high_tech", False),
     ("established_on", dt.date(2015, 3, 2)), ("industry_section", "C"), ("employees", None)],
)  # fmt: skip
def test_a_value_comes_back_as_it_went_in(code, value):
    number, content = to_columns(FACT_TYPES[code], value)
    back = from_columns(FACT_TYPES[code], number, content)
    assert (back, type(back)) == (value, type(value))


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
def test_a_month_is_complete_on_its_last_day(day):
    complete = months.latest_complete_month(day)
    is_end = (day + dt.timedelta(days=1)).day == 1
    assert complete == months.month_of(day) - (0 if is_end else 1)
    assert months.written(months.month_of(day)) == f"{day:%Y-%m}"


@pytest.mark.parametrize(
    ("later", "count"), [("2020-03-15", 0), ("2020-04-14", 0), ("2020-04-15", 1), ("2021-03-15", 12), ("2019-01-01", 0)]
)
def test_months_between(later, count):
    assert months_between(dt.date(2020, 3, 15), dt.date.fromisoformat(later)) == count


def test_the_table_says_of_every_type_what_people_must_know():
    for row in FACT_TYPES.values():
        assert row.label
        assert row.formula
        assert 1 <= row.grade <= 5
    assert {row.code for row in FACT_TYPES.values() if row.is_computed} == {*NUMBERS, *SERIES, *TIES}


def test_facts_of_one_group_stand_together():
    """Pages head each run of one group: a group in two runs would be headed twice."""
    groups = [row.group for row in FACT_TYPES.values()]
    runs = [group for place, group in enumerate(groups) if place == 0 or groups[place - 1] != group]
    assert len(runs) == len(set(runs))
