"""The case desk in a browser: at desk and on a phone, by the firm and by the bank."""

import pytest
from django.db import transaction

from factories import applications as made
from factories import bank_loan
from factories import documents as files
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.cases import operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.parties.models import Person

pytestmark = pytest.mark.browser


def _username(actor):
    return Person.objects.get(pk=actor.person_id).username


@pytest.fixture
def story(committed_database):
    with transaction.atomic():
        firm, bank = people.enterprise(name="苏州甲精密科技有限公司"), people.bank(name="苏州乙银行园区支行")
        other = people.bank(name="苏州丙银行")
        versions = [made.product_of(bank), made.product_of(other, name="科创贷")]
        refs = applications_operations.apply(firm, made.need(firm).uuid, versions)
        made.offered(bank, refs[0].uuid, conditions=("法定代表人承担连带责任",))
        applications_operations.return_application(other, refs[1].uuid, reason="请补交 2019 年审计报告")
        operations.post_message(bank, refs[0].case_uuid, text="报价已发出，请在七日内答复。")
        operations.file_document(
            firm, refs[0].case_uuid, name="2019年度审计报告（合并）.pdf", content=files.PDF, purpose="CASE_PAPER"
        )
    return firm, bank, refs


def test_list_and_every_tab_are_quiet_narrow_and_accessible(page_as, story):
    firm, _, refs = story
    clerk = page_as(_username(firm))
    clerk.go("/cases/")
    clerk.check("cases-list")
    for tab in ("timeline", "papers", "funds", "messages"):
        assert clerk.go(f"/cases/{refs[0].number}/?tab={tab}") == 200
        clerk.check(f"case-{tab}")
    clerk.go(f"/cases/{refs[1].number}/")
    clerk.check("case-returned")


def test_a_message_is_sent_without_a_new_page_and_opening_them_marks_them_read(page_as, story):
    firm, bank, refs = story
    clerk = page_as(_username(firm), phone=True)
    clerk.go(f"/cases/{refs[0].number}/?tab=messages")
    clerk.do(lambda page: page.fill("[name=text]", "收到，本周答复"))
    clerk.do(lambda page: page.click("#messages button:text-is('发送')"))
    clerk.do(lambda page: page.wait_for_selector("#messages >> text=收到，本周答复"))
    assert clerk.do(lambda page: page.input_value("[name=text]")) == ""
    clerk.check("case-message-sent")
    clerk.go("/cases/")
    assert clerk.do(lambda page: page.locator("text=条新消息").count()) == 0
    manager = page_as(_username(bank))
    manager.go("/cases/")
    assert manager.do(lambda page: page.locator("text=1 条新消息").count()) == 1


def test_the_filter_changes_the_address_and_back_brings_the_list_back(page_as, story):
    firm, _, refs = story
    clerk = page_as(_username(firm))
    clerk.go("/cases/")
    clerk.do(lambda page: page.click("summary:has-text('筛选')"))
    clerk.do(lambda page: page.fill("[name=text]", "丙银行"))
    clerk.do(lambda page: page.click("main form button:has-text('查询')"))
    clerk.do(lambda page: page.wait_for_url("**/cases/?text=*"))
    assert clerk.do(lambda page: page.locator("tbody tr").count()) == 1
    clerk.do(lambda page: page.go_back(wait_until="networkidle"))
    clerk.do(lambda page: page.wait_for_selector("tbody tr:nth-child(2)"))
    assert refs[0].number in clerk.do(lambda page: page.inner_text("main"))
    clerk.check("cases-list-back")


def test_the_diagram_of_a_real_loan_is_drawn_with_its_progress(page_as, committed_database):
    with transaction.atomic():
        loan = bank_loan.story()
    for step in loan.steps():
        if step == "review":
            break
    number = cases_queries.case_by_uuid_for(loan.cast.clerk, loan.case_uuid).ref.number
    clerk = page_as(_username(loan.cast.clerk))
    clerk.go(f"/cases/{number}/?tab=flow")
    clerk.do(lambda page: page.wait_for_selector("[data-drawn='yes']"))
    assert clerk.do(lambda page: page.locator(".flow-current").count()) >= 1
    assert clerk.do(lambda page: page.locator(".flow-done").count()) >= 3
    clerk.check("case-flow")
