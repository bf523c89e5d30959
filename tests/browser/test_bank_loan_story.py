"""One loan in a real browser: each person at their own pages, every key page looked at at both widths."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from factories import bank_loan as factory
from factories import catalogue as catalogue_factory
from factories import matching as matching_factory
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionTerms, LoanPurpose
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.centres.technical.processes import queries as processes_queries
from finmart.journeys.online.bank_loan import start as bank_loan
from finmart.kit import clock, transactions
from finmart.twin.loans import Cast, LoanStory

pytestmark = pytest.mark.browser
SYSTEM = people.SYSTEM
KNOWN = {
    "established_on": date(2018, 3, 12), "annual_tax_fen": 182_000_000, "tax_grade": "A", "employees": 86,
    "litigation_count": 1, "is_high_tech": False, "registered_capital_fen": 1_000_000_000,
}  # fmt: skip
OPEN_TO_IT = (
    CriterionTerms("established_months", "GE", ("24",)),
    CriterionTerms("tax_grade", "IN", ("A", "B", "M")),
    CriterionTerms("litigation_count", "LE", ("2",)),
)
SALES = CriterionTerms("annual_sales_fen", "GE", ("500000000",))
HIGH_TECH = CriterionTerms("is_high_tech", "EQ", ("true",))
BANKS = (
    (
        "示例姑苏银行",
        "苏企信用贷",
        {"rate_min": Decimal("0.0365"), "promised_days": 3, "fees": (), "criteria": OPEN_TO_IT},
    ),
    ("示例运河银行", "税易贷", {"criteria": (*OPEN_TO_IT, replace(SALES, is_hard=False))}),
    ("示例太湖银行", "科创成长贷", {"rate_min": Decimal("0.0345"), "criteria": (*OPEN_TO_IT, HIGH_TECH)}),
    ("示例阳澄银行", "园区开票贷", {"criteria": (*OPEN_TO_IT, SALES)}),
)


def _username(actor):
    return Person.objects.get(pk=actor.person_id).username


class Town:
    """A firm with known facts, three banks with staff and a listed product each, an operator."""

    def __init__(self):
        firm = people.organisation(OrganisationKind.ENTERPRISE, "苏州示例精密机械制造有限公司")
        self.clerk = people.member(firm, Role.ENTERPRISE_CLERK, full_name="沈经办")
        self.legal = people.member(firm, Role.ENTERPRISE_LEGAL_PERSON, full_name="顾法人")
        self.operator = people.operator()
        matching_factory.set_facts(firm.id, KNOWN, on=clock.today())
        self.staff, self.products = [], []
        for name, product, terms in BANKS:
            bank = people.organisation(OrganisationKind.BANK, name)
            administrator = people.member(bank, Role.INSTITUTION_ADMINISTRATOR, full_name="秦管理")
            listed = catalogue_factory.listed(administrator, self.operator, name=product, **terms)
            self.staff.append(factory.bank_staff(administrator) | {"administrator": administrator})
            self.products.append(catalogue_queries.version(listed.version_id))

    def story_of(self, application):
        place = next(n for n, one in enumerate(self.products) if one.institution.id == application.institution.id)
        cast = Cast(self.clerk, self.legal, self.staff[place])
        asked = application.asked
        story = LoanStory(cast, self.products[place], asked.amount_fen, asked.term_months, factory.drain)
        story.application = application
        return story


@pytest.fixture
def town(committed_database):
    with transactions.opened():
        return Town()


def _applied(town, amount_fen=100_000_000):
    """Return the stories of two applications on one need of the town's firm, up to just before their acceptance."""
    with transactions.opened():
        terms = NeedTerms(
            amount_fen, 12, LoanPurpose.WORKING_CAPITAL, "采购精密轴承和伺服电机（示例）", district="320506"
        )
        need = applications_operations.state_need(town.clerk, terms)
        bank_loan.apply(town.clerk, need.uuid, [one.version_id for one in town.products[:2]])
        stories = [town.story_of(one) for one in applications_queries.applications_for(town.clerk, need_uuid=need.uuid)]
        for story in stories:
            story._consent()
    return need, sorted(stories, key=lambda one: one.product.product_id)


def _acts(story, *names):
    """Play the named acts of a story whose application exists already."""
    for name, act in story._acts():
        if name in names:
            with transactions.opened():
                act()
            if name == "check_disbursement":
                story.pay()


def _item(story, step):
    return f"/items/{processes_queries.open_item_of(story.case_uuid, step)}/"


def _fill(visit, values):
    def steps(page):
        for name, value in values.items():
            control = page.locator(f"main [name={name}]")
            kind = control.first.evaluate("one => one.type || one.tagName")
            if kind == "checkbox":
                control.first.check()
            elif kind == "select-one":
                control.select_option(value)
            else:
                control.fill(value)

    visit.do(steps)


def _press(visit, text, *, expect):
    def steps(page):
        page.click(f"main button:has-text('{text}')")
        if page.locator("dialog[open]").count():
            page.click("dialog[open] [data-answer=yes]")
        page.wait_for_selector(expect)

    visit.do(steps)


def test_a_need_is_stated_matched_and_sent_to_two_banks(page_as, town):
    clerk = page_as(_username(town.clerk))
    clerk.go("/workbench/")
    clerk.check("story-enterprise-workbench")
    clerk.go("/enterprise/needs/")
    clerk.check("story-needs-empty")
    clerk.go("/enterprise/needs/new/")
    _fill(clerk, {"amount_fen": "0", "term_months": "12", "purpose": "WORKING_CAPITAL"})
    _press(clerk, "提出需求", expect=".form-error")
    clerk.check("story-need-wrong")
    _fill(clerk, {"amount_fen": "1000000", "purpose_note": "采购精密轴承和伺服电机"})
    clerk.do(lambda page: page.select_option("[name=district]", index=3))
    _press(clerk, "提出需求", expect="input[name=version]")
    marks = clerk.do(lambda page: page.locator(".answer-marks").evaluate_all("all => all.map(one => one.innerHTML)"))
    assert all(any(f'aria-label="{mark}"' in one for one in marks) for mark in ("符合", "不符合", "缺数据"))
    clerk.check("story-matched")
    clerk.do(lambda page: [one.click() for one in page.locator(".answers > summary").all()])
    shown = clerk.do(lambda page: page.inner_text("main"))
    assert all(words in shown for words in ("符合", "不符合", "缺数据", "还差什么", "综合年化成本", "个工作日"))
    clerk.check("story-matched-answers")
    clerk.do(lambda page: [one.check() for one in page.locator("input[name=p]").all()[:3]])
    _press(clerk, "比较所选产品", expect="table.compare")
    clerk.check("story-compare")
    clerk.do(lambda page: page.go_back(wait_until="networkidle"))
    clerk.do(lambda page: [one.check() for one in page.locator("input[name=version]").all()[:2]])
    _press(clerk, "向所选机构申请", expect="text=已向 2 家机构提交申请")
    clerk.check("story-need-applied")
    clerk.go("/enterprise/needs/")
    clerk.check("story-needs")

    legal = page_as(_username(town.legal))
    legal.go("/enterprise/consents/grant/")
    legal.check("story-consent-form")
    _press(legal, "签署授权", expect="text=授权已生效")
    legal.go("/enterprise/consents/")
    legal.check("story-consents")
    clerk.go("/enterprise/profile/")
    clerk.check("story-profile")


def test_a_bank_works_through_its_steps_and_the_firm_compares(page_as, town):
    need, (first, second) = _applied(town)
    staff = first.cast.bank
    manager = page_as(_username(staff["manager_a"]))
    manager.go("/workbench/")
    manager.check("story-institution-workbench")
    manager.go(_item(first, "accept"))
    manager.check("story-item-accept")
    _press(manager, "受理", expect=".form-error")
    manager.check("story-item-accept-wrong")
    _fill(manager, {"materials_complete": True})
    _press(manager, "受理", expect="text=已办结")
    manager.check("story-todo")
    manager.go(_item(first, "due_diligence"))
    manager.check("story-item-due-diligence")
    manager.go(f"/institution/cases/{first.application.number}/facts/")
    manager.check("story-facts")
    manager.go(_item(first, "due_diligence") + "transfer/")
    manager.check("story-item-transfer")
    _acts(first, "due_diligence")
    reviewer = page_as(_username(staff["reviewer"]))
    reviewer.go(_item(first, "review"))
    reviewer.check("story-item-review")
    _fill(reviewer, {
        "internal_rating": "B", "offer_amount_fen": "1000000", "offer_annual_rate": "3.65", "offer_term_months": "12",
        "offer_method": "EQUAL_INSTALMENT", "conditions": "提供上月增值税申报表\n开立结算账户",
    })  # fmt: skip
    _press(reviewer, "同意上报", expect="text=已办结")
    approver = page_as(_username(staff["approver_a"]))
    approver.go(_item(first, "approve"))
    approver.check("story-item-approve")
    _press(approver, "同意", expect="text=已办结")
    _acts(second, "accept", "due_diligence", "review", "approve")
    clerk = page_as(_username(town.clerk))
    clerk.go(f"/enterprise/needs/{need.uuid}/")
    clerk.check("story-need-two")
    clerk.go(f"/enterprise/needs/{need.uuid}/offers/")
    clerk.check("story-offers")
    clerk.go(_item(first, "choose"))
    clerk.check("story-item-choose")
    _fill(clerk, {
        "payment_mode": "ENTRUSTED", "payee_name": "示例轴承有限公司", "payee_account": "32050199000000001234",
        "payee_bank": "示例运河银行",
    })  # fmt: skip
    _press(clerk, "接受报价", expect="text=已办结")
    clerk.go(f"/enterprise/needs/{need.uuid}/")
    assert "企业未接受报价" in clerk.do(lambda page: page.inner_text("main"))
    legal = page_as(_username(town.legal))
    legal.go(_item(first, "sign_enterprise"))
    legal.check("story-item-sign-enterprise")
    _fill(legal, {"has_read": True})
    _press(legal, "签署", expect="text=已办结")


def test_a_case_in_the_middle_of_its_life_and_a_loan_that_runs(page_as, town, bank_core):
    _, (first, _) = _applied(town)
    _acts(first, "accept", "due_diligence", "review", "approve", "choose", "sign_enterprise")
    clerk = page_as(_username(town.clerk))
    number = first.application.number
    for tab in ("", "timeline", "flow", "papers", "funds", "messages"):
        assert clerk.go(f"/cases/{number}/?tab={tab}") == 200
        if tab == "flow":
            clerk.do(lambda page: page.wait_for_selector("[data-drawn='yes']"))
        clerk.check(f"story-case-{tab or 'first'}")
    clerk.go(f"/cases/{number}/")
    _press(clerk, "催办", expect="text=已催办")
    approver = page_as(_username(first.cast.bank["approver_a"]))
    approver.go(_item(first, "sign_bank"))
    approver.check("story-item-sign")
    _fill(approver, {"has_read": True})
    _press(approver, "签署", expect="text=已办结")
    officer = page_as(_username(first.cast.bank["officer"]))
    officer.go(_item(first, "check_disbursement"))
    officer.check("story-item-disbursement")
    _fill(officer, {"payees_checked": True})
    _press(officer, "同意放款", expect="text=已办结")
    first.pay()
    _acts(first, "check_use")
    clerk.go("/enterprise/loans/")
    clerk.check("story-loans")
    clerk.do(lambda page: page.click("main table a"))
    clerk.do(lambda page: page.wait_for_selector("text=还款计划"))
    clerk.check("story-loan")
    clerk.go(f"/cases/{number}/?tab=funds")
    clerk.check("story-case-funds-paid")
    clerk.go("/contracts/")
    clerk.do(lambda page: page.click("main table a"))
    clerk.do(lambda page: page.wait_for_selector("text=签署"))
    clerk.check("story-contract")


def test_products_are_written_reviewed_and_counted(page_as, town):
    administrator = town.staff[0]["administrator"]
    keeper = page_as(_username(administrator))
    keeper.go("/institution/products/")
    keeper.check("story-products")
    keeper.go("/institution/products/new/")
    keeper.check("story-product-sheet")
    product = town.products[0]
    keeper.go(f"/institution/products/{product.product_uuid}/")
    keeper.check("story-product")
    with transactions.opened():
        drafted = catalogue_operations.draft_product(administrator, catalogue_factory.terms(name="园区开票贷"))
        catalogue_operations.submit(administrator, drafted.uuid)
    operator = page_as(_username(town.operator))
    for path, name in (
        ("/operator/", "home"), ("/operator/products/", "products"), (f"/operator/products/{drafted.uuid}/", "product"),
        ("/workbench/", "workbench"),
    ):  # fmt: skip
        operator.go(path)
        operator.check(f"story-operator-{name}")
