"""The page of a firm: its own, that of a day gone by, and what a bank sees of it under consent."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from factories import bank_loan as loans
from factories import guarantees, parties
from factories.consents import consent
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.types import FACT_TYPES, Tie
from finmart.centres.data.sources import operations as sources_operations
from finmart.desks.profiles import dossiers, page, relations
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
    shown = page.page_of(views, name="甲", today=DAY, own=True)
    assert [month for month, _ in shown["months"]][-1] == "2019-12"
    assert {gap.way for gap in shown["gaps"]} >= {"在“补充数据”中登记，或由来源提供"}
    assert all(fact.group == section.title for section in shown["sections"] for fact in section.facts)


def test_relations_are_drawn_and_stand_in_tables(client_of):
    lender = guarantees.bank()
    firm, other = guarantees.firm("甲方精密"), guarantees.firm("乙方机电")
    guarantees.lent(firm, lender, 100 * guarantees.WAN, other, parties.person("王小明"))
    guarantees.lent(other, lender, 50 * guarantees.WAN, firm)
    facts(firm.organisation_id, shareholders=(Tie("甲投资有限公司", Decimal("0.6")),))
    shown = client_of(firm).get(reverse("enterprise:profile")).text
    drawing = shown.partition('<svg class="relations wide"')[2].partition("</svg>")[0]
    for word in ("股东（出资） 1 家", "甲投资有限公司", "60.0%", "为本企业担保 2 家", "乙方机电", "王**",
                 "本企业为其担保 1 家", 'role="img"', "名称与占比见下表"):  # fmt: skip
        assert word in drawing, word
    assert "王小明" not in shown
    assert "style=" not in drawing
    table = shown.partition('<h3 class="profile-guarantees">')[2].partition("</table>")[0]
    assert "1,000,000.00" in table
    assert "500,000.00" in table
    told = instruments_queries.guarantees_for(lender.manager, firm.organisation_id)
    assert sorted((one.other, one.is_given) for one in told) == [
        ("乙方机电", False),
        ("乙方机电", True),
        ("王**", False),
    ]
    assert instruments_queries.guarantees_for(parties.bank(), firm.organisation_id) == []


def test_every_line_of_the_drawing_ends_at_the_firm_and_stays_inside():
    ties = {
        code: [Tie(f"{code}的第{n}家示例有限责任公司" * 2, Decimal(n) / 20) for n in range(9)] for code, _ in page.TIES
    }
    bands = relations.bands_of(ties, ())
    assert [len(band.links) for band in bands] == [9, 9, 9, 9]
    for drawing in (relations.wide("甲" * 40, bands), relations.narrow("甲" * 40, bands)):
        assert len(drawing.pills) == 4 * relations.MOST
        assert all(pill.x >= 0 and pill.x + pill.width <= drawing.width for pill in drawing.pills)
        assert all(pill.y >= 0 and pill.y + 30 <= drawing.height for pill in drawing.pills)
        assert len({(pill.x, pill.y) for pill in drawing.pills}) == len(drawing.pills)
        assert len(drawing.lines) == 2
    assert "图示前 6 家" in drawing.headings[0][1]


def test_credit_law_innovation_and_people_say_what_they_come_to_and_missing_is_not_good():
    firm = parties.enterprise()
    facts(firm.organisation_id, overdue_count=1, tax_grade="A", litigation_count=0, is_dishonest_debtor=False,
          invention_patents=3, utility_model_patents=9)  # fmt: skip
    facts(firm.organisation_id, insured_employees=58, insured_employees_year_ago=50)
    credit, law, innovation, people = dossiers.dossiers_of(queries.own_facts_for(firm), own=True)
    assert (credit.said, law.said) == ("需要关注：逾期次数", "已知的 2 项不良记录均为无：涉诉次数、失信被执行人")
    assert (innovation.said, people.said) == ("有效专利 12 件，其中发明 3 件", "参保 58 人，比上年同期 +16.0%")
    tones = {tile.code: tile.tone for tile in (*credit.tiles, *law.tiles)}
    assert (tones["overdue_count"], tones["tax_grade"]) == (dossiers.Tone.ATTENTION, dossiers.Tone.GOOD)
    assert (tones["litigation_count"], tones["penalties"]) == (dossiers.Tone.GOOD, dossiers.Tone.MISSING)
    told = dossiers.dossiers_of([fact for fact in queries.own_facts_for(firm) if fact.code == "tax_grade"], own=False)
    assert [(one.title, len(one.tiles)) for one in told] == [("信用", 1)]


def test_an_officer_reads_the_same_page_masked_and_only_what_the_consent_covers(client_of):
    story = loans.story()
    next(name for name in story.steps() if name == "accept")
    firm, manager = story.cast.clerk, story.cast.bank["manager_a"]
    facts(firm.organisation_id, overdue_count=0, litigation_count=7)
    facts(firm.organisation_id, shareholders=(Tie("昆仑示例投资有限公司", Decimal("0.6")),))
    consent(story.cast.legal, manager, *(code for code in FACT_TYPES if code != "litigation_count"))
    shown = client_of(manager).get(reverse("institution:facts", args=[story.application.number])).text
    drawing = shown.partition('<svg class="relations wide"')[2].partition("</svg>")[0]
    assert "昆仑***有限公司" in drawing
    assert "昆仑示例投资有限公司" not in shown
    assert "往来方与股东名称已脱敏" in shown
    assert "已知的 1 项不良记录均为无：逾期次数" in shown
    assert "涉诉次数" not in shown
    assert "还缺什么" not in shown
