"""Sizes by the dated rule of sixteen industries, and the cluster of an industry code."""

import datetime as dt

import pytest

from factories import parties
from factories.profiles import facts
from finmart.centres.data.profiles import queries
from finmart.centres.data.profiles.rules.sizes import RULES, cluster_of, industry_of, size_of
from finmart.centres.data.profiles.types import UnableToRecord
from finmart.centres.technical.parameters import queries as parameters_queries

pytestmark = pytest.mark.clause("D3")
DAY = dt.date(2026, 1, 1)
WAN = 1_000_000


def _size(code, people=None, revenue=None, assets=None, on=DAY):
    given = {"industry_code": code, "employees": people, "annual_revenue_fen": revenue and revenue * WAN,
             "total_assets_fen": assets and assets * WAN}  # fmt: skip
    return size_of(given, on)


@pytest.mark.parametrize(
    ("code", "people", "revenue", "assets", "size"),
    [
        ("0111", None, 20_000, None, "LARGE"), ("0111", None, 19_999, None, "MEDIUM"),
        ("0111", None, 49, None, "MICRO"),
        ("3911", 1_000, 40_000, None, "LARGE"), ("3911", 999, 40_000, None, "MEDIUM"),
        ("C3911", 300, 2_000, None, "MEDIUM"), ("3911", 300, 1_999, None, "SMALL"), ("3911", 20, 299, None, "MICRO"),
        ("4710", None, 80_000, 80_000, "LARGE"), ("4710", None, 80_000, 79_999, "MEDIUM"),
        ("5174", 20, 5_000, None, "MEDIUM"), ("5174", 5, 999, None, "MICRO"), ("5279", 50, 500, None, "MEDIUM"),
        ("5431", 300, 3_000, None, "MEDIUM"), ("5990", 100, 999, None, "SMALL"), ("6020", 300, 2_000, None, "MEDIUM"),
        ("6110", 100, 2_000, None, "MEDIUM"), ("6210", 10, 100, None, "SMALL"),
        ("6331", 100, 1_000, None, "MEDIUM"), ("6513", 10, 50, None, "SMALL"), ("6513", 10, 49, None, "MICRO"),
        ("7010", None, 1_000, 5_000, "MEDIUM"), ("7010", None, 1_000, 4_999, "SMALL"),
        ("7020", 100, 500, None, "SMALL"), ("7211", 100, None, 8_000, "MEDIUM"), ("7452", 100, None, None, "MEDIUM"),
        ("8810", 9, None, None, "MICRO"),
    ],
)  # fmt: skip
def test_sizes_at_their_bounds(code, people, revenue, assets, size):
    found = _size(code, people, revenue, assets)
    assert (found.size, found.missing) == (size, ())
    assert found.rule == "统计上大中小微型企业划分办法（2017）"


def test_what_is_missing_is_said_unless_the_rest_decides():
    assert _size("3911", 300).missing == ("annual_revenue_fen",)
    assert _size("3911", 300).size is None
    assert _size("3911", 19).size == "MICRO"  # whatever the revenue
    assert _size("4710").missing == ("annual_revenue_fen", "total_assets_fen")
    assert _size(None, 300, 2_000).missing == ("industry_code",)
    assert size_of({"industry_section": "F", "employees": 3}, DAY).missing == ("industry_code",)
    assert size_of({"industry_section": "C", "employees": 3}, DAY).size == "MICRO"


def test_the_rule_is_that_of_its_day_and_some_industries_have_none():
    assert _size("3911", 19, on=dt.date(2012, 1, 1)).rule == RULES[0].name
    assert _size("3911", 19, on=dt.date(2011, 6, 17)).reason == "当日尚无划型规定"
    for code in ("6621", "8311", "8411", "9111", "9700"):
        assert _size(code, 10).reason == "该行业不在划型规定范围内", code
    assert {industry_of(f"{division:02d}11", "") for division in range(1, 98)} - {None, ""} == set(
        RULES[1].industries
    ) - {"物业管理"}


def test_every_cluster_of_the_pack_is_reached_and_the_longer_beginning_decides():
    held = {"EQUIPMENT": ("35", "38"), "BIOMEDICINE": ("27", "358"), "NEW_ENERGY": ("382",)}
    assert [cluster_of(code, held) for code in ("3581", "C3525", "3825", "2710", "5174", "")] == [
        "BIOMEDICINE", "EQUIPMENT", "NEW_ENERGY", "BIOMEDICINE", None, None,
    ]  # fmt: skip


@pytest.mark.django_db
def test_size_and_cluster_follow_from_what_is_recorded():
    firm = parties.enterprise()
    facts(firm.organisation_id, industry_code="3911", employees=300)
    seen = {view.code: view for view in queries.own_facts_for(firm)}
    assert (seen["size_class"].value, seen["size_class"].text) == (None, "暂缺")
    assert seen["industry_cluster"].value == "ELECTRONICS"
    facts(firm.organisation_id, annual_revenue_fen=2_000 * WAN)
    seen = {view.code: view for view in queries.own_facts_for(firm)}
    assert (seen["size_class"].value, seen["size_class"].text) == ("MEDIUM", "中型企业")
    assert seen["size_class"].source == "按统计上大中小微型企业划分办法（2017）划分"
    assert queries.known_values(firm.organisation_id)["industry_cluster"].value == "ELECTRONICS"
    assert all(cluster.industries for cluster in parameters_queries.clusters())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "value"), [("size_class", "SMALL"), ("industry_code", "电子"), ("industry_code", "1")]
)
def test_nobody_says_a_size_and_a_code_is_a_code(code, value):
    with pytest.raises(UnableToRecord):
        facts(parties.enterprise().organisation_id, **{code: value})
