"""The page of a firm as a browser draws it: radar, lines and graph, wide and on a phone."""

import datetime as dt
from decimal import Decimal

import pytest

from factories import bank_loan as loans
from factories import parties as people
from factories.consents import consent
from factories.profiles import facts
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations
from finmart.centres.data.profiles.types import FACT_TYPES, Tie
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.parties.models import Person
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

pytestmark = pytest.mark.browser
SYSTEM = Actor.of_system("test")


def _rows(firm, scale):
    today = clock.today()
    for back in range(1, 27):
        day = (today.replace(day=5) - dt.timedelta(days=30 * back)).isoformat()
        for n, direction in enumerate(("销项", "进项")):
            for place in range(3):
                amount = f"{(scale + place) * (100_000 + 20_000 * (back % 5)) * (1 - 0.3 * n):.2f}"
                yield sale(
                    发票号码=f"{firm}{back:02d}{n}{place}", 开票日期=day, 方向=direction, 金额=amount, 税额="0.00",
                    价税合计=amount, 交易对方=f"苏州示例{'客户' if n == 0 else '供应商'}{(back + place) % 4}有限公司",
                )  # fmt: skip


def test_a_firm_s_own_profile(page_as, site):
    with transactions.opened():
        firms = [people.enterprise() for _ in range(6)]
        for scale, firm in enumerate(firms, 1):
            owner = firm.organisation_id
            sources_operations.load_invoices(SYSTEM, invoice_file(*_rows(owner, scale)), organisation_id=owner)
            operations.compute(SYSTEM, [owner], clock.today())
            facts(owner, industry_section="C", industry_code="3911", employees=60, annual_revenue_fen=3_000_000_000)
        own = firms[2]
        facts(
            own.organisation_id, established_on=dt.date(2016, 3, 1), tax_grade="A", is_high_tech=True,
            litigation_count=0, overdue_count=1, penalties=0, is_dishonest_debtor=False, tax_arrears_fen=0,
            invention_patents=3, utility_model_patents=9, patents_granted=2, insured_employees=58,
            insured_employees_year_ago=50, guaranteed_fen=500_000_000,
            shareholders=(Tie("示例投资有限公司", Decimal("0.6")), Tie("张三", Decimal("0.4"))),
            investments=(Tie("苏州示例精密检测技术服务有限责任公司昆山分公司", Decimal("0.51")),),
        )  # fmt: skip
    visit = page_as(Person.objects.get(pk=own.person_id).username)
    assert visit.go("/enterprise/profile/") == 200
    visit.check("own-profile")


def test_what_a_bank_sees_of_it(page_as, site):
    with transactions.opened():
        story = loans.story()
        next(name for name in story.steps() if name == "accept")
        firm, manager = story.cast.clerk, story.cast.bank["manager_a"]
        owner = firm.organisation_id
        sources_operations.load_invoices(SYSTEM, invoice_file(*_rows(owner, 3)), organisation_id=owner)
        operations.compute(SYSTEM, [owner], clock.today())
        facts(owner, overdue_count=0, tax_grade="A", employees=60, established_on=dt.date(2016, 3, 1), penalties=1)
        facts(owner, shareholders=(Tie("示例投资有限公司", Decimal("0.6")), Tie("张三", Decimal("0.4"))))
        consent(story.cast.legal, manager, *FACT_TYPES)
    visit = page_as(Person.objects.get(pk=manager.person_id).username)
    assert visit.go(f"/institution/cases/{story.application.number}/facts/") == 200
    visit.check("officer-profile")
