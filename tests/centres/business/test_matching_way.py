"""The way to a product: no change too many, none too few, and in words a firm can act on."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import catalogue as factory
from factories.matched import FACTS, NEED, inputs, product
from finmart.centres.business.catalogue.types import CriterionTerms, LoanPurpose
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.rules import way
from finmart.centres.business.matching.types import MatchState
from finmart.kit.criteria import Operator

_NUMBERS = {"employees": st.integers(0, 9), "established_months": st.integers(0, 9)}
_SHARES = st.decimals(0, 1, places=1)


@st.composite
def _criteria(draw):
    code = draw(st.sampled_from(["employees", "established_months", "top_customer_share", "tax_grade", "is_high_tech"]))
    if code in {"tax_grade", "is_high_tech"}:
        value = draw(st.sampled_from("ABMCD")) if code == "tax_grade" else draw(st.booleans())
        return CriterionTerms(code, draw(st.sampled_from(["EQ", "NE"])), (value,))
    value = draw(_NUMBERS.get(code, _SHARES))
    return CriterionTerms(code, draw(st.sampled_from(["GE", "GT", "LE", "LT", "NE", "EQ"])), (str(value),))


_FIRMS = st.fixed_dictionaries(
    {},
    optional={
        "employees": st.integers(0, 9), "established_months": st.integers(0, 9), "top_customer_share": _SHARES,
        "tax_grade": st.sampled_from("ABMCD"), "is_high_tech": st.booleans(),
    },
)  # fmt: skip


def _state(one, facts, need=NEED):
    return engine.outcomes(inputs([one], facts, need))[0].state


def _steps(one, facts=FACTS, need=NEED):
    seen = inputs([one], facts, need)
    return way.steps(seen, one, engine.outcomes(seen)[0])


@pytest.mark.clause("D7")
@given(st.lists(_criteria(), min_size=1, max_size=5), _FIRMS, st.integers(1, 9))
def test_the_steps_lead_there_and_without_any_one_of_them_nothing_does(criteria, facts, amount):
    one = product(1, criteria=tuple(criteria), limit_min_fen=3, limit_max_fen=6, fees=())
    need = replace(NEED, amount_fen=amount)
    steps = _steps(one, facts, need)
    assert (not steps) == (_state(one, facts, need) is MatchState.ELIGIBLE)
    if any(step.target is None for step in steps):
        return  # what is to be supplied, or cannot be had, has no value to try
    for left_out in (None, *steps):
        moved, asked = dict(facts), need
        for step in steps:
            if step is not left_out and step.field == "need_amount_fen":
                asked = replace(asked, amount_fen=step.target)
            elif step is not left_out:
                moved[step.field] = step.target
        assert (_state(one, moved, asked) is MatchState.ELIGIBLE) == (left_out is None)


@pytest.mark.clause("D7")
def test_the_nearest_value_is_the_one_told():
    one = product(
        1,
        limit_max_fen=500_000_00,
        purposes=(LoanPurpose.TRADE,),
        criteria=(
            CriterionTerms("established_months", "GE", (66,)),
            CriterionTerms("annual_sales_fen", "BETWEEN", (900_000_000, 1_200_000_000)),
            CriterionTerms("top_customer_share", "LT", ("0.3",)),
            CriterionTerms("tax_grade", "IN", ("B", "M")),
            CriterionTerms("employees", "GE", (10,)),
            CriterionTerms("employees", "LE", (50,)),
        ),
    )
    found = {step.field: (step.target, step.sentence) for step in _steps(one)}
    assert found == {
        "need_amount_fen": (500_000_00, "把申请金额由 100 万元降到 50 万元"),
        "need_purpose": ("TRADE", "“贷款用途”由 流动资金周转变为 采购与贸易"),
        "established_months": (66, "再过 6 个月，成立时长达到 66 个月"),
        "annual_sales_fen": (900_000_000, "近12个月开票销售额增加 100 万元，达到 900 万元"),
        "top_customer_share": (Decimal("0.299999"), "第一大客户占比减少 10.0001 %，降到 29.9999 %"),
        "tax_grade": ("B", "“纳税信用等级”由 A 级变为 B 级或M 级"),
        "employees": (None, "补充“从业人数”（须≥ 10 人，且≤ 50 人）"),
    }


def test_what_time_does_not_bring_is_said_to_be_out_of_reach():
    one = product(1, criteria=(CriterionTerms("established_months", "LE", (12,)),))
    (step,) = _steps(one)
    assert not step.is_possible
    assert step.sentence == "成立时长 60 个月，已超过 12 个月，不会再减少"
    recorded = product(2, criteria=(CriterionTerms("tax_grade", Operator.EXISTS, (False,)),))
    (step,) = _steps(recorded)
    assert (step.is_possible, step.sentence) == (False, "“纳税信用等级”须无记录，现为 A 级")


def test_a_firm_that_fits_needs_no_step():
    one = product(1, criteria=factory.TERMS.criteria)
    assert _steps(one) == ()
