"""The page of a firm: its own, that of a day gone by, and what a bank sees of it under consent."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from factories import parties
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.types import Tie
from finmart.centres.data.sources import operations as sources_operations
from finmart.desks.profiles import page
from finmart.kit import clock
from finmart.kit.actor import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D3")]
SYSTEM = Actor.of_system("test")
DAY = dt.date(2019, 12, 31)


def _sold(firm, amount="1000.00", partner="苏州恒远精密机械有限公司"):
    rows = [
        sale(发票号码=f"{firm.organisation_id}{n}", 开票日期=f"2019-{n:02d}-05", 金额=amount, 税额="0.00",
             价税合计=amount, 交易对方=partner)
        for n in range(1, 13)
    ]  # fmt: skip
    sources_operations.load_invoices(SYSTEM, invoice_file(*rows), organisation_id=firm.organisation_id)
    operations.compute(SYSTEM, [firm.organisation_id], DAY)


def test_a_firm_reads_itself_with_tables_beside_the_pictures_and_what_is_missing(client_of):
    firm = parties.enterprise()
    _sold(firm)
    facts(firm.organisation_id, industry_code="3911", employees=30, established_on=dt.date(2015, 3, 1))
    facts(firm.organisation_id, shareholders=(Tie("甲投资有限公司", Decimal("0.6")),))
    shown = client_of(firm).get(reverse("enterprise:profile")).text
    for word in ("规模未知", "还缺：年营业收入", "2019-12", "苏州恒远精密机械有限公司", "甲投资有限公司", "60.0%",
                 "以表格查看", "由供数单位提供；可向平台提出数据需求", "纳税信用等级", "增值税发票"):  # fmt: skip
        assert word in shown, word
    assert 'data-chart="profile-lines"' in shown
    assert 'id="profile-lines" type="application/json"' in shown


def test_the_past_shows_what_was_known_then(client_of):
    firm = parties.enterprise()
    with clock.moved_to(clock.now() - dt.timedelta(days=40)):
        facts(firm.organisation_id, employees=12)
    facts(firm.organisation_id, employees=15)
    then = (clock.today() - dt.timedelta(days=10)).isoformat()
    client = client_of(firm)
    assert "15 人" in client.get(reverse("enterprise:profile")).text
    past = client.get(reverse("enterprise:profile"), {"known": then}).text
    assert "12 人" in past
    assert "15 人" not in past
    assert client.get(reverse("enterprise:profile"), {"known": "never"}).status_code == 200


def test_a_firm_stands_beside_its_kind_from_five_on_and_nobody_is_named(client_of):
    firm = parties.enterprise()
    others = [parties.enterprise() for _ in range(5)]
    for place, one in enumerate([firm, *others]):
        facts(one.organisation_id, industry_section="C")
        _sold(one, amount=f"{1000 + 100 * (place or 2.5):.2f}")
    ranks = queries.ranks_of(firm.organisation_id, ["annual_sales_fen", "employees"])
    assert set(ranks) == {"annual_sales_fen"}
    rank = ranks["annual_sales_fen"]
    assert (rank.share, rank.firms, rank.group) == (0.4, 5, "SAME_SECTION")
    shown = client_of(firm).get(reverse("enterprise:profile_standing")).text
    assert "同行业企业（5 家）" in shown
    assert not any(other.organisation_name in shown for other in others)
    facts(others[0].organisation_id, industry_section="F")
    assert queries.ranks_of(firm.organisation_id, ["annual_sales_fen"])["annual_sales_fen"].group == "EVERYBODY"


def test_of_fewer_than_five_nothing_is_told():
    firm, other = parties.enterprise(), parties.enterprise()
    for one in (firm, other):
        facts(one.organisation_id, employees=5)
    assert queries.ranks_of(firm.organisation_id, ["employees"]) == {}


def test_less_is_better_where_it_is():
    firm = parties.enterprise()
    _sold(firm)
    views = queries.own_facts_for(firm)
    shown = page.page_of(views, name="甲", today=DAY)
    assert [month for month, _ in shown["months"]][-1] == "2019-12"
    assert {gap.way for gap in shown["gaps"]} >= {"在“补充数据”中登记，或由来源提供"}
    assert all(fact.group == section.title for section in shown["sections"] for fact in section.facts)
