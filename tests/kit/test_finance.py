"""Schedules, prepayment and the all-in rate: worked values, then what must hold for every loan."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmart.config import places
from finmart.kit.errors import Refusal
from finmart.kit.finance import (
    DayCount,
    Fee,
    PrepaymentMode,
    RepaymentMethod,
    Standing,
    Terms,
    annual_cost,
    due_dates,
    interest_to,
    plan,
    prepay,
    year_share,
)

ACT_360, ACT_365, THIRTY_360 = DayCount.ACT_360, DayCount.ACT_365, DayCount.THIRTY_360
BULLET, INTEREST_FIRST = RepaymentMethod.BULLET, RepaymentMethod.INTEREST_FIRST
EQUAL_INSTALMENT, EQUAL_PRINCIPAL = RepaymentMethod.EQUAL_INSTALMENT, RepaymentMethod.EQUAL_PRINCIPAL

terms = st.builds(
    Terms,
    principal_fen=st.integers(1, 10**13),
    annual_rate=st.decimals(0, "0.36", places=4),
    method=st.sampled_from(RepaymentMethod),
    day_count=st.sampled_from(DayCount),
    started_on=st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    months=st.integers(1, 120),
    due_day=st.integers(0, 31),
)


def _terms(principal_fen, rate, method, months, started_on=date(2026, 1, 15), day_count=ACT_360, due_day=0):
    return Terms(principal_fen, Decimal(rate), method, day_count, started_on, months, due_day)


@pytest.mark.parametrize(
    ("principal_fen", "rate", "months", "instalment_fen", "interest_fen"),
    [
        # By hand: 10,000 × 0.01 / (1 - 1.01^-12) = 888.4879; the textbook example of a 12 % loan over a year.
        (1_000_000, "0.12", 12, 88_849, None),
        # Published answer of a mortgage calculator, vdgb.cn/wenda/220578.html: 630,000 over 30 years at 4.90 %.
        (63_000_000, "0.049", 360, 334_358, 57_368_820),
        # By hand: nothing to discount, 1,000.00 / 3.
        (100_000, "0", 3, 33_333, 0),
    ],
)
def test_equal_instalments_against_worked_values(principal_fen, rate, months, instalment_fen, interest_fen):
    lines = plan(_terms(principal_fen, rate, EQUAL_INSTALMENT, months))
    assert {line.total_fen for line in lines[:-1]} == {instalment_fen}
    if interest_fen is not None:
        # the calculator multiplies the unrounded instalment; every line rounded makes up to 2 yuan over 30 years
        assert sum(line.interest_fen for line in lines) == pytest.approx(interest_fen, abs=200)


def test_equal_principal_against_a_published_value():
    # vdgb.cn/wenda/220578.html: 630,000, 30 years, 4.90 %: first 4,322.50, then 7.15 less, interest 464,336.25.
    lines = plan(_terms(63_000_000, "0.049", EQUAL_PRINCIPAL, 360))
    assert lines[0].total_fen == 432_250
    assert lines[0].total_fen - lines[1].total_fen in {714, 715}
    assert sum(line.interest_fen for line in lines) == pytest.approx(46_433_625, abs=200)


@pytest.mark.parametrize(
    ("method", "day_count", "expected"),
    [
        # By hand, 120,000.00 at 6 % from 2024-01-31: 29 days of a leap February, then 31, 30 (each due at month's end).
        (INTEREST_FIRST, ACT_360, [(0, 58_000), (0, 62_000), (12_000_000, 60_000)]),
        (INTEREST_FIRST, ACT_365, [(0, 57_205), (0, 61_151), (12_000_000, 59_178)]),
        (INTEREST_FIRST, THIRTY_360, [(0, 60_000), (0, 60_000), (12_000_000, 60_000)]),
        (BULLET, ACT_360, [(12_000_000, 180_000)]),
        (BULLET, ACT_365, [(12_000_000, 177_534)]),
        (BULLET, THIRTY_360, [(12_000_000, 180_000)]),
        (EQUAL_PRINCIPAL, ACT_360, [(4_000_000, 60_000), (4_000_000, 40_000), (4_000_000, 20_000)]),
    ],
)
def test_three_months_by_hand(method, day_count, expected):
    lines = plan(_terms(12_000_000, "0.06", method, 3, date(2024, 1, 31), day_count))
    assert [(line.principal_fen, line.interest_fen) for line in lines] == expected
    assert lines[-1].due_on == date(2024, 4, 30)


@pytest.mark.parametrize(
    ("started_on", "due_day", "expected"),
    [
        (date(2023, 12, 31), 0, ["2024-01-31", "2024-02-29", "2024-03-31"]),
        (date(2026, 11, 30), 0, ["2026-12-30", "2027-01-30", "2027-02-28"]),
        (date(2026, 3, 25), 20, ["2026-04-20", "2026-05-20", "2026-06-25"]),
        (date(2024, 2, 29), 31, ["2024-03-31", "2024-04-30", "2024-05-29"]),
    ],
)
def test_due_dates_follow_the_month_end_rule(started_on, due_day, expected):
    chosen = _terms(100, "0", EQUAL_PRINCIPAL, 3, started_on, due_day=due_day)
    assert [day.isoformat() for day in due_dates(chosen)] == expected


def test_a_broken_period_counts_its_days():
    # By hand: 26 days to the first due day, 33 over the end of the term: 1,200,000 × 6 % × days / 360.
    lines = plan(_terms(120_000_000, "0.06", EQUAL_PRINCIPAL, 3, date(2026, 3, 25), due_day=20))
    assert [line.interest_fen for line in lines] == [520_000, 400_000, 240_000]


@pytest.mark.parametrize(
    ("start", "end", "day_count", "share"),
    [
        (date(2024, 2, 28), date(2024, 3, 1), ACT_365, Decimal(2) / 365),
        (date(2023, 2, 28), date(2023, 3, 1), ACT_360, Decimal(1) / 360),
        (date(2024, 1, 31), date(2024, 3, 31), THIRTY_360, Decimal(60) / 360),
        (date(2024, 2, 29), date(2024, 3, 1), THIRTY_360, Decimal(2) / 360),
    ],
)
def test_day_counts(start, end, day_count, share):
    assert year_share(start, end, day_count) == share


@given(terms)
def test_every_schedule_repays_exactly_what_was_lent(agreed):
    lines = plan(agreed)
    assert sum(line.principal_fen for line in lines) == agreed.principal_fen
    assert all(line.principal_fen >= 0 and line.interest_fen >= 0 and line.balance_fen >= 0 for line in lines)
    assert lines[-1].balance_fen == 0
    assert [line.due_on for line in lines] == sorted({line.due_on for line in lines})
    assert len(lines) == (1 if agreed.method is BULLET else agreed.months)
    assert lines[0].from_on == agreed.started_on
    assert [line.from_on for line in lines[1:]] == [line.due_on for line in lines[:-1]]


@given(terms)
def test_without_interest_only_the_principal_is_paid(agreed):
    free = Terms(agreed.principal_fen, Decimal(0), agreed.method, agreed.day_count, agreed.started_on, agreed.months)
    assert sum(line.total_fen for line in plan(free)) == free.principal_fen


@given(
    st.integers(10_000_000, 10**12),
    st.decimals(0, "0.24", places=4),
    st.integers(1, 120),
    st.dates(date(2019, 1, 1), date(2030, 1, 1)),
)
def test_equal_instalments_are_equal_but_for_the_latest(principal_fen, rate, months, started_on):
    lines = plan(_terms(principal_fen, rate, EQUAL_INSTALMENT, months, started_on))
    assert len({line.total_fen for line in lines[:-1]}) <= 1
    assert lines[-1].total_fen == pytest.approx(lines[0].total_fen, abs=1_000)


@given(st.sampled_from(RepaymentMethod), st.decimals("0.001", "0.24", places=4), st.integers(1, 60))
def test_the_cost_of_a_loan_without_fees_is_its_effective_rate(method, rate, months):
    agreed = _terms(10**11, rate, method, months, day_count=THIRTY_360)
    cost = annual_cost(agreed.principal_fen, plan(agreed), started_on=agreed.started_on)
    if method is BULLET:
        expected = (1 + float(rate) * months / 12) ** (12 / months) - 1
    else:
        expected = (1 + float(rate) / 12) ** 12 - 1
        assert float(cost.simple) == pytest.approx(float(rate), abs=1e-6)
    assert float(cost.compound) == pytest.approx(expected, abs=1e-6)
    assert float(cost.dated) == pytest.approx(expected, abs=0.012)


def test_the_cost_with_a_fee_by_hand():
    # By hand: 1,000,000 lent, 2 % fee kept back, 5 % once after a year: 980,000 now, 1,050,000 in 12 months:
    # 1,050 / 980 - 1 = 7.142857 %. 365 days from 2026-01-15 to 2027-01-15, so XIRR says the same.
    agreed = _terms(100_000_000, "0.05", BULLET, 12, day_count=THIRTY_360)
    cost = annual_cost(
        100_000_000, plan(agreed), started_on=agreed.started_on, fees=[Fee(agreed.started_on, 2_000_000)]
    )
    assert cost.compound == Decimal("0.07142857")
    assert cost.dated == Decimal("0.07142857")


@given(terms, st.integers(0, 20))
def test_a_fee_never_makes_a_loan_cheaper(agreed, percent):
    lines = plan(agreed)
    fee = Fee(agreed.started_on, agreed.principal_fen * percent // 100)
    dear = annual_cost(agreed.principal_fen, lines, started_on=agreed.started_on, fees=[fee])
    cheap = annual_cost(agreed.principal_fen, lines, started_on=agreed.started_on)
    assert dear.compound >= cheap.compound - Decimal("0.000001")


def test_fees_that_eat_the_whole_amount_are_refused():
    agreed = _terms(100, "0.06", BULLET, 6)
    with pytest.raises(Refusal, match="综合年化成本"):
        annual_cost(100, plan(agreed), started_on=agreed.started_on, fees=[Fee(agreed.started_on, 100)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"principal_fen": 0},
        {"principal_fen": -1},
        {"principal_fen": 10**18},
        {"rate": "-0.01"},
        {"rate": "NaN"},
        {"rate": "11"},
        {"months": 0},
        {"months": 601},
        {"due_day": 32},
    ],
)
def test_absurd_terms_are_refused(wrong):
    with pytest.raises(Refusal):
        _terms(**{"principal_fen": 100, "rate": "0.05", "method": BULLET, "months": 12, **wrong})


@given(terms, st.sampled_from(PrepaymentMode), st.randoms(use_true_random=False))
def test_prepaying_leaves_a_schedule_of_exactly_the_rest(agreed, mode, chance):
    lines = plan(agreed)
    settled = chance.randrange(len(lines))
    standing = Standing(lines[settled - 1].balance_fen if settled else agreed.principal_fen, lines[settled].from_on,
                        lines[settled:])  # fmt: skip
    if standing.balance_fen == 0:
        return
    on = date.fromordinal(chance.randrange(lines[settled].from_on.toordinal(), lines[settled].due_on.toordinal()))
    amount_fen = chance.randint(1, standing.balance_fen)
    after = prepay(agreed, standing, on, amount_fen, mode)
    assert sum(line.principal_fen for line in after.instalments) == standing.balance_fen - amount_fen
    assert all(line.principal_fen >= 0 and line.interest_fen >= 0 for line in after.instalments)
    assert {line.due_on for line in after.instalments} <= {line.due_on for line in standing.remaining}
    assert after.interest_fen == interest_to(agreed, standing, on)
    assert (
        after.interest_fen + sum(line.interest_fen for line in after.instalments)
        <= sum(line.interest_fen for line in standing.remaining) + len(lines) + agreed.principal_fen // 100
    )


def test_prepaying_half_by_hand():
    # 120,000.00 at 6 %, 12 months from 2026-01-15, equal principal; on 02-25, after the first instalment, 50,000.00
    # are prepaid. By hand: 10 days of 110,000.00 = 183.33; 60,000.00 left over 11 dates = 5,454.55, or 6 × 10,000.00.
    agreed = _terms(12_000_000, "0.06", EQUAL_PRINCIPAL, 12)
    standing = Standing(11_000_000, date(2026, 2, 15), plan(agreed)[1:])
    lower = prepay(agreed, standing, date(2026, 2, 25), 5_000_000, PrepaymentMode.LOWER)
    shorter = prepay(agreed, standing, date(2026, 2, 25), 5_000_000, PrepaymentMode.SHORTEN)
    assert lower.interest_fen == shorter.interest_fen == 18_333
    assert [line.principal_fen for line in lower.instalments] == [545_455] * 10 + [545_450]
    assert [line.principal_fen for line in shorter.instalments] == [1_000_000] * 6
    # the rest of the month is broken: 18 days of 60,000.00
    assert shorter.instalments[0].interest_fen == 18_000


def test_shortening_keeps_the_equal_instalment():
    agreed = _terms(12_000_000, "0.06", EQUAL_INSTALMENT, 24)
    lines = plan(agreed)
    standing = Standing(lines[5].balance_fen, lines[5].due_on, lines[6:])
    after = prepay(agreed, standing, lines[5].due_on, 3_000_000, PrepaymentMode.SHORTEN)
    assert len(after.instalments) < len(standing.remaining)
    assert {line.total_fen for line in after.instalments[:-1]} == {lines[0].total_fen}
    assert after.instalments[-1].total_fen <= lines[0].total_fen


def test_paying_everything_leaves_nothing():
    agreed = _terms(12_000_000, "0.06", EQUAL_INSTALMENT, 24)
    after = prepay(agreed, Standing(12_000_000, agreed.started_on, plan(agreed)), date(2026, 1, 25), 12_000_000,
                   PrepaymentMode.LOWER)  # fmt: skip
    assert after.instalments == []
    assert after.payable_fen == 12_000_000 + 20_000  # 10 days at 6 % over 360


@pytest.mark.parametrize(("amount_fen", "on"), [(0, 20), (12_000_001, 20), (100, 10)])
def test_an_impossible_prepayment_is_refused(amount_fen, on):
    agreed = _terms(12_000_000, "0.06", EQUAL_INSTALMENT, 24)
    standing = Standing(12_000_000, agreed.started_on, plan(agreed))
    with pytest.raises(Refusal):
        prepay(agreed, standing, date(2026, 1, on), amount_fen, PrepaymentMode.LOWER)


def test_what_is_due_is_paid_before_anything_early():
    agreed = _terms(12_000_000, "0.06", EQUAL_INSTALMENT, 24)
    with pytest.raises(Refusal, match="到期"):
        prepay(agreed, Standing(12_000_000, agreed.started_on, plan(agreed)), date(2026, 2, 15), 100,
               PrepaymentMode.LOWER)  # fmt: skip


def test_the_worked_table_in_the_documentation_is_what_the_code_says():
    text = (places.CHECKOUT / "docs/algorithms/repayment.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\d) \| ([\d-]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", text, re.MULTILINE)
    expected = [
        (method.value, str(line.number), line.due_on.isoformat(),
         *(f"{fen / 100:.2f}" for fen in (line.principal_fen, line.interest_fen, line.balance_fen)))
        for method in RepaymentMethod
        for line in plan(_terms(10_000_000, "0.0435", method, 3, date(2026, 1, 31)))
    ]  # fmt: skip
    assert rows == expected
    assert "0.04438" in text
    lines = plan(_terms(10_000_000, "0.0435", EQUAL_INSTALMENT, 3, date(2026, 1, 31)))
    cost = annual_cost(10_000_000, lines, started_on=date(2026, 1, 31))
    assert cost.compound.quantize(Decimal("0.00001")) == Decimal("0.04438")
