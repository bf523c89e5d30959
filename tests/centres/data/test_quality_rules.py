"""What each kind of check says of a row, of a missing one, and of what it cannot read."""

import datetime as dt
import time
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.quality import row, rule
from finmart.centres.data.quality.rules import definitions, tables
from finmart.centres.data.quality.rules.judging import judge, masked
from finmart.centres.data.quality.types import Subject, UnableToSet

pytestmark = pytest.mark.clause("D1")
TODAY = dt.date(2026, 11, 22)
BASE = {
    "organisation_id": 1, "direction": "OUT", "number": "00000001", "issued_on": dt.date(2026, 1, 5),
    "amount_fen": 100, "tax_fen": 13, "total_fen": 113, "is_void": False, "is_effective": True,
}  # fmt: skip


def invoices(*changes):
    kinds = {"organisation_id": pl.Int64} | {n: k for n, (k, _) in tables.columns_of(Subject.INVOICES).items()}
    return pl.DataFrame([BASE | change for change in changes], schema=kinds, orient="row")


def facts(*rows):
    kinds = {"organisation_id": pl.Int64} | {n: k for n, (k, _) in tables.columns_of(Subject.FACTS).items()}
    return pl.DataFrame(list(rows), schema=kinds, orient="row")


def counts(table, check, when=(), subject="INVOICES"):
    (found,) = judge(table, [rule(check=check, when=list(when), subject=subject)], TODAY)
    return found.checked, found.failed


@pytest.mark.parametrize(
    ("check", "changes", "wanted"),
    [
        ({"kind": "known", "columns": ["number", "tax_fen"]}, [{}, {"tax_fen": None}], (2, 1)),
        ({"kind": "one_of", "column": "direction", "values": ["OUT", "IN"]}, [{}, {"direction": "UP"},
                                                                             {"direction": None}], (2, 1)),
        ({"kind": "matches", "column": "number", "pattern": "[0-9]{8}"}, [{}, {"number": "00000001x"}], (2, 1)),
        ({"kind": "between", "column": "amount_fen", "low": 0, "high": 100}, [{}, {"amount_fen": 101},
                                                                             {"amount_fen": -1}], (3, 2)),
        ({"kind": "ratio", "over": "tax_fen", "under": "amount_fen", "high": 0.13},
         [{}, {"tax_fen": 14}, {"amount_fen": 0}, {"tax_fen": None}], (2, 1)),
        ({"kind": "sums_to", "parts": ["amount_fen", "tax_fen"], "total": "total_fen", "tolerance": 1},
         [{}, {"total_fen": 114}, {"total_fen": 115}, {"tax_fen": None}], (3, 1)),
        ({"kind": "not_ahead", "column": "issued_on"}, [{"issued_on": TODAY}, {"issued_on": dt.date(2026, 11, 23)}],
         (2, 1)),
        ({"kind": "younger", "column": "issued_on", "days": 30},
         [{"issued_on": dt.date(2026, 10, 23)}, {"issued_on": dt.date(2026, 10, 22)}], (2, 1)),
        ({"kind": "once", "columns": ["organisation_id", "number"]}, [{}, {}, {}, {"organisation_id": 2}], (4, 2)),
    ],
)  # fmt: skip
def test_each_kind_of_check_counts_what_it_speaks_of_and_what_fails(check, changes, wanted):
    assert counts(invoices(*changes), check) == wanted


def test_conditions_choose_the_rows_also_for_what_may_stand_once():
    table = invoices({"is_void": True, "is_effective": False}, {}, {})
    check = {"kind": "once", "columns": ["number"]}
    assert counts(table, check, [{"column": "is_effective", "is": True}]) == (2, 1)
    assert counts(table, check, [{"column": "number", "known": False}]) == (0, 0)
    assert counts(table, check, [{"column": "direction", "in": ["IN"]}]) == (0, 0)


def test_sources_agree_where_two_tell_a_number():
    known = {"fact_type": "registered_capital_fen", "as_of_on": TODAY, "is_known": True}
    table = facts(
        {"organisation_id": 1, "source": "市场监管", "number": 100.0, **known},
        {"organisation_id": 1, "source": "企业自报", "number": 101.0, **known},
        {"organisation_id": 2, "source": "市场监管", "number": 100.0, **known},
        {"organisation_id": 2, "source": "企业自报", "number": 102.0, **known},
        {"organisation_id": 3, "source": "市场监管", "number": 100.0, **known},
        {"organisation_id": 4, "source": "市场监管", "number": None, **known},
        {"organisation_id": 4, "source": "企业自报", "number": 7.0, **known},
        {"organisation_id": 3, "source": "社保", "number": 1.0, **known | {"fact_type": "employees"}},
    )
    check = {"kind": "agree", "by": ["organisation_id", "fact_type"], "column": "number", "tolerance": 0.01}
    assert counts(table, check, subject="FACTS") == (2, 1)
    assert counts(table, check, [{"column": "source", "is": "企业自报"}], subject="FACTS") == (0, 0)


def test_examples_hold_no_text_but_words_of_lists():
    table = invoices({"number": "44001234567", "total_fen": 500})
    (found,) = judge(
        table,
        [
            rule(
                check={"kind": "sums_to", "parts": ["amount_fen", "tax_fen"], "total": "total_fen"},
                when=[{"column": "number", "known": True}, {"column": "direction", "is": "OUT"}],
            )
        ],
        TODAY,
    )
    (example,) = found.examples
    assert example.firm_id == 1
    assert example.text == "发票号码 44…67（11 字）；方向 销项；金额 1.00 元；税额 0.13 元；价税合计 5.00 元"
    assert masked("张三") == "（2 字）"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"check": {"kind": "guess"}}, "无法识别"),
        ({"check": {"kind": "between", "column": "amount_fen"}}, "无法识别"),
        ({"check": {"kind": "matches", "column": "number", "pattern": "["}}, "无法识别"),
        ({"check": {"kind": "known", "columns": ["shoe_size"]}}, "没有的列：shoe_size"),
        ({"check": {"kind": "matches", "column": "amount_fen", "pattern": "1"}}, "类型不符"),
        ({"check": {"kind": "younger", "column": "amount_fen", "days": 3}}, "类型不符"),
        ({"when": [{"column": "colour", "is": 1}]}, "没有的列：colour"),
        ({"most_failed": "1.5"}, "0 与 1 之间"),
        ({"most_failed": "NaN"}, "0 与 1 之间"),
        ({"days_to_mend": 0}, "1 至 365"),
        ({"dimension": "NICE"}, "有误"),
        ({"subject": "PEOPLE"}, "有误"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_refused_by_name_before_it_is_taken(changes, said):
    with pytest.raises(UnableToSet, match=said):
        definitions.read(row(**changes))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 5), st.one_of(st.none(), st.integers(-3, 3))), max_size=30),
    st.integers(-3, 3),
    st.integers(-3, 3),
)
def test_counts_are_those_of_a_plain_loop(pairs, low, high):
    table = invoices(*({"amount_fen": amount, "tax_fen": tax} for amount, tax in pairs))
    within = {"kind": "between", "column": "tax_fen", "low": low, "high": high}
    ratio = {"kind": "ratio", "over": "tax_fen", "under": "amount_fen", "low": low}
    told = [tax for _, tax in pairs if tax is not None]
    assert counts(table, within) == (len(told), sum(not low <= tax <= high for tax in told))
    asked = [(amount, tax) for amount, tax in pairs if tax is not None and amount > 0]
    assert counts(table, ratio) == (len(asked), sum(tax / amount < low for amount, tax in asked))


def test_a_city_of_two_thousand_firms_is_judged_in_one_short_pass():
    rows = 400_000
    table = pl.DataFrame(
        {
            "organisation_id": pl.int_range(rows, eager=True) % 2000,
            "direction": pl.Series(["OUT"]).extend_constant("OUT", rows - 1),
            "number": (pl.int_range(rows, eager=True) // 2).cast(pl.String),
            "issued_on": pl.Series([TODAY]).extend_constant(TODAY, rows - 1),
            "amount_fen": pl.int_range(rows, eager=True), "tax_fen": pl.int_range(rows, eager=True) % 7,
            "total_fen": pl.int_range(rows, eager=True), "is_void": pl.repeat(False, rows, eager=True),
            "is_effective": pl.repeat(True, rows, eager=True),
        }
    )  # fmt: skip
    rules = [
        rule(code="sums", check={"kind": "sums_to", "parts": ["amount_fen", "tax_fen"], "total": "total_fen"}),
        rule(code="once", check={"kind": "once", "columns": ["number"]}),
        rule(code="within", check={"kind": "between", "column": "amount_fen", "high": 10}),
    ]
    begun = time.perf_counter()
    found = {one.code: one for one in judge(table, rules, TODAY)}
    assert time.perf_counter() - begun < 3
    assert (found["once"].failed, found["within"].failed) == (rows // 2, rows - 11)
    assert found["sums"].failed == rows - len(range(0, rows, 7))
    assert found["once"].share == Decimal("0.5")
    assert len(found["once"].examples) == 20
