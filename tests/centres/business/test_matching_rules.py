"""The score, the states and the order: pure, by the document, and blind to who offers."""

from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import catalogue as factory
from factories.matched import FACTS, FIRM, NEED, ON, SETTINGS, inputs, product
from finmart.centres.business.catalogue.types import (
    FeeBasis,
    FeeTerms,
    LoanPurpose,
)
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.rules import scoring
from finmart.centres.business.matching.types import MatchState, ScoreInput, ScoreSettings
from finmart.config.places import CHECKOUT
from finmart.kit.criteria import State
from finmart.kit.finance import RepaymentMethod

DOCUMENT = Path(CHECKOUT) / "docs/algorithms/matching.md"


def _outcomes(products, facts=None, need=NEED, firm=FIRM):
    return engine.outcomes(inputs(products, facts, need, firm))


def _documented():
    table = DOCUMENT.read_text(encoding="utf-8").split("## A worked table")[1]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return rows[2:]


@pytest.mark.clause("D7", "P6")
@pytest.mark.parametrize("row", _documented(), ids=lambda row: row[0])
def test_the_score_is_what_the_document_says(row):
    _, cost, days, met, unknown, soft, fits, chance, expected = row
    given_input = ScoreInput(
        None if cost == "–" else Decimal(cost),
        int(days),
        int(met),
        int(unknown),
        int(soft),
        fits == "yes",
        Decimal(chance),
    )
    assert scoring.score(given_input, SETTINGS) == Decimal(expected)


shares = st.none() | st.decimals(0, 2, places=6)


@given(shares, st.integers(1, 90), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_a_score_lies_between_nothing_and_all(cost, days, met, unknown, failed, fits):
    points = scoring.score(ScoreInput(cost, days, met, unknown, met + unknown + failed, fits), SETTINGS)
    assert 0 <= points <= 1


@given(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4), st.integers(1, 60), st.integers(1, 60))
def test_cheaper_and_faster_is_never_worse(one, other, days, more_days):
    low, high = sorted([one, other])
    quick, slow = sorted([days, more_days])
    better = scoring.score(ScoreInput(low, quick, 0, 0, 0, True), SETTINGS)
    assert better >= scoring.score(ScoreInput(high, slow, 0, 0, 0, True), SETTINGS)


@pytest.mark.clause("P5")
def test_the_score_knows_no_institution():
    # Who has no room stands behind within a band, after the score: see test_matching_chances.
    names = {field.name for field in fields(ScoreInput)} | {field.name for field in fields(ScoreSettings)}
    assert not any(
        word in name for name in names for word in ("institution", "organisation", "bank", "product", "paid")
    )


@pytest.mark.clause("P5")
def test_whose_product_it_is_changes_nothing():
    products = [product(n, institution=n, rate_max=Decimal("0.04") + Decimal(n) / 1000) for n in range(1, 9)]
    moved = [replace(p, institution=replace(p.institution, id=99 - p.institution.id)) for p in products]
    assert _outcomes(products) == _outcomes(moved)


@pytest.mark.clause("P5")
def test_equal_products_take_turns_across_firms():
    products = [product(n, institution=n) for n in range(1, 6)]
    first = [0] * 6
    for firm in range(500):
        found = _outcomes(products, firm=UUID(int=firm))
        assert len({one.score for one in found}) == 1
        first[found[0].version_id] += 1
    assert min(first[1:]) > 60
    assert max(first[1:]) < 140


def test_the_order_of_products_and_their_company_do_not_matter():
    products = [product(n, rate_max=Decimal("0.05") + Decimal(n % 3) / 100) for n in range(1, 10)]
    ranked = [one.version_id for one in _outcomes(products)]
    assert [one.version_id for one in _outcomes(products[::-1])] == ranked
    without = [one.version_id for one in _outcomes([p for p in products if p.version_id != ranked[3]])]
    assert without == ranked[:3] + ranked[4:]


@pytest.mark.clause("D7")
@pytest.mark.parametrize(
    ("changed", "state", "failed", "unknown"),
    [
        ({}, MatchState.ELIGIBLE, 0, 0),
        ({"top_customer_share": Decimal("0.9")}, MatchState.ELIGIBLE, 0, 0),
        ({"top_customer_share": None}, MatchState.ELIGIBLE, 0, 0),
        ({"tax_grade": None}, MatchState.UNKNOWN, 0, 1),
        ({"annual_sales_fen": 0}, MatchState.NEAR_MISS, 1, 0),
        ({"annual_sales_fen": None}, MatchState.UNKNOWN, 0, 1),
        ({"annual_sales_fen": 1, "tax_grade": None}, MatchState.NEAR_MISS, 1, 1),
        ({"annual_sales_fen": 1, "tax_grade": "D"}, MatchState.NEAR_MISS, 2, 0),
        ({"annual_sales_fen": 1, "tax_grade": "D", "established_months": 1}, MatchState.NOT_ELIGIBLE, 3, 0),
    ],
)
def test_hard_criteria_decide_the_state_and_missing_is_no_zero(changed, state, failed, unknown):
    facts = {code: value for code, value in {**FACTS, **changed}.items() if value is not None}
    (found,) = _outcomes([product(1)], facts)
    assert (found.state, found.hard_not_met, found.hard_unknown) == (state, failed, unknown)
    assert (found.rank is None) == (found.score is None) == (state is MatchState.NOT_ELIGIBLE)


def test_a_soft_criterion_moves_the_score_by_its_weight_and_half_where_unknown():
    scores = [
        _outcomes([product(1)], {**FACTS, "top_customer_share": share})[0].score
        for share in (Decimal("0.4"), Decimal("0.9"))
    ]
    unknown = _outcomes([product(1)], {code: FACTS[code] for code in FACTS if code != "top_customer_share"})[0].score
    assert scores[0] - scores[1] == SETTINGS.soft
    assert scores[0] - unknown == SETTINGS.soft / 2


@pytest.mark.parametrize(
    ("need", "state"),
    [
        (NEED, MatchState.ELIGIBLE),
        (replace(NEED, amount_fen=50_000_00), MatchState.NEAR_MISS),
        (replace(NEED, amount_fen=50_000_00, term_months=60), MatchState.NEAR_MISS),
        (replace(NEED, district=""), MatchState.UNKNOWN),
        (replace(NEED, district="320507"), MatchState.NEAR_MISS),
        (replace(NEED, purpose=LoanPurpose.PREMISES), MatchState.NEAR_MISS),
        (replace(NEED, repayment_method=RepaymentMethod.BULLET), MatchState.ELIGIBLE),
    ],
)
def test_a_product_asks_of_the_need_too(need, state):
    asking = product(1, regions=("320506",), purposes=(LoanPurpose.WORKING_CAPITAL, LoanPurpose.TRADE))
    (found,) = _outcomes([asking], need=need)
    assert found.state is state


def test_states_come_first_then_the_score():
    eligible = product(1, rate_max=Decimal("0.30"))
    unknown = product(2, criteria=(*factory.TERMS.criteria, replace(factory.TERMS.criteria[0], field="employees")))
    near = product(3, limit_min_fen=2_000_000_00, rate_max=Decimal("0.039"))
    far = product(4, limit_min_fen=2_000_000_00, months_max=6, regions=("320507",))
    found = _outcomes([far, near, unknown, eligible])
    assert [(one.version_id, one.rank) for one in found] == [(1, 1), (2, 2), (3, 3), (4, None)]
    assert found[0].score < found[2].score


def test_the_preferred_method_lifts_the_rank_and_is_told():
    first = product(1, methods=(RepaymentMethod.BULLET,))
    second = product(2, methods=(RepaymentMethod.EQUAL_INSTALMENT,), fees=())
    need = replace(NEED, repayment_method=RepaymentMethod.BULLET)
    found = _outcomes([second, first], need=need)
    assert [one.version_id for one in found] == [1, 2]
    assert State.NOT_MET in found[1].states


def test_the_rate_shown_holds_all_fees():
    plain = factory.terms(fees=(), rate_min=Decimal("0.04"), rate_max=Decimal("0.06"))
    lowest, highest = scoring.costs(plain, NEED, ON)
    assert (lowest, highest) == (Decimal("0.040742"), Decimal("0.061678"))
    for basis, amount in (
        (FeeBasis.AMOUNT_ONCE, {"rate": Decimal("0.01")}),
        (FeeBasis.FIXED_ONCE, {"amount_fen": 10_000_00}),
    ):
        charged = replace(plain, fees=(FeeTerms("服务费", basis, **amount),))
        assert scoring.costs(charged, NEED, ON)[0] > lowest + Decimal("0.015")
    once = replace(plain, fees=(FeeTerms("服务费", FeeBasis.AMOUNT_ONCE, rate=Decimal("0.01")),))
    yearly = replace(plain, fees=(FeeTerms("服务费", FeeBasis.AMOUNT_YEARLY, rate=Decimal("0.01")),))
    assert scoring.costs(yearly, NEED, ON) == scoring.costs(once, NEED, ON)
    longer = replace(NEED, term_months=24)
    assert scoring.costs(yearly, longer, ON)[0] > scoring.costs(once, longer, ON)[0]


def test_a_fee_that_eats_the_loan_costs_the_rank_not_the_run():
    greedy = product(1, fees=(FeeTerms("服务费", FeeBasis.FIXED_ONCE, amount_fen=2_000_000_00),))
    fair = product(2)
    found = _outcomes([greedy, fair])
    assert [one.version_id for one in found] == [2, 1]
    assert found[1].highest_cost is None
