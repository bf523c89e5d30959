"""The page of a work item in a real loan: its cards, its form, and what the second of two clicks reads."""

import pytest
from django.test import Client

from factories import bank_loan as factory
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import transactions
from finmart.kit.finance import RepaymentMethod

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(db):
    """A loan that waits for its acceptance, its facts released."""
    made = factory.story()
    for name in made.steps():
        if name == "consent":
            return made
    raise AssertionError("the story ended early")


@pytest.fixture
def page(story):
    return f"/items/{processes_queries.open_item_of(story.case_uuid, 'accept')}/"


def _signed_in(actor):
    client = Client()
    client.force_login(Person.objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.clause("B2")
def test_the_page_shows_what_is_asked_and_what_to_look_at(story, page):
    answer = _signed_in(story.cast.bank["manager_a"]).get(page)
    assert answer.status_code == 200
    for words in ("受理与完整性审查", "申请材料齐全、有效", "查看企业数据", "申请金额", story.application.number):
        assert words in answer.text


def test_the_second_click_reads_that_it_is_done(story, page):
    manager = _signed_in(story.cast.bank["manager_a"])
    filled = {"outcome": "ACCEPT", "materials_complete": "on"}
    assert manager.post(f"{page}complete/", {"outcome": "ACCEPT"}).status_code == 422
    assert manager.post(f"{page}complete/", filled).status_code == 302
    again = manager.post(f"{page}complete/", filled)
    assert again.status_code == 409
    assert "该事项已经办结或被他人处理" in again.text
    assert "受理" in again.text


RECOMMENDED = {
    "outcome": "RECOMMEND", "internal_rating": "B", "offer_amount_fen": "300000", "offer_annual_rate": "3.85",
    "offer_term_months": "12", "offer_method": "EQUAL_INSTALMENT", "conditions": "提供流水",
}  # fmt: skip


def _told_to(story, actor, step):
    return _signed_in(actor), f"/items/{processes_queries.open_item_of(story.case_uuid, step)}/"


def _played_to(story, step):
    for name in story.steps():
        if story.application and processes_queries.find_open_item(story.case_uuid, step) is not None:
            return name
    raise AssertionError("the story ended early")


@pytest.mark.clause("B2")
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"offer_annual_rate": "23"}, "年利率不能为负，也不能高于产品公示的最高利率"),
        ({"offer_amount_fen": "300000.01"}, "报价金额应大于零，且不超过申请金额"),
        ({"offer_term_months": "360"}, "期限应在产品公示的"),
        ({"offer_method": "INTEREST_FIRST"}, "选择一个有效的选项"),
    ],
)
def test_a_recommendation_the_product_does_not_allow_is_refused_where_it_is_written(wrong, told):
    story = factory.story(methods=(RepaymentMethod.EQUAL_INSTALMENT,))
    _played_to(story, "review")
    reviewer, page = _told_to(story, story.cast.bank["reviewer"], "review")
    asked = reviewer.get(page).text
    for words in ("产品公示：3.85%", "不超过申请金额和产品最高额度：300,000.00 元", "等额本息"):
        assert words in asked
    assert "先息后本" not in asked
    refused = reviewer.post(f"{page}complete/", {**RECOMMENDED, **wrong})
    assert refused.status_code == 422
    assert told in refused.text
    assert processes_queries.find_open_item(story.case_uuid, "review") is not None
    assert reviewer.post(f"{page}complete/", RECOMMENDED).status_code == 302


@pytest.mark.clause("B2")
def test_approvers_read_the_recommendation_and_what_each_of_two_found(story):
    managers = [story.cast.bank[name] for name in ("manager_a", "manager_b")]
    accept, page = _told_to(story, managers[0], "accept")
    accept.post(f"{page}complete/", {"outcome": "ACCEPT", "materials_complete": "on"})
    for manager, found in zip(managers, ("厂房三班满产", "库存周转放慢"), strict=True):
        visitor, page = _told_to(story, manager, "due_diligence")
        assert "厂房三班满产" not in visitor.get(page).text  # each judges alone
        filled = {"outcome": "PASS", "visited_on": "2026-11-20", "findings": found, "opinion": f"意见{found[:2]}"}
        assert visitor.post(f"{page}complete/", {**filled, "findings": "写错了"}).status_code == 302
        if manager is managers[0]:  # the second decides the step, which opens anew
            assert visitor.post(f"{page}withdraw/").status_code == 302
            assert visitor.post(f"{page}complete/", filled).status_code == 302
    with transactions.opened():
        processes_operations.return_to(
            story.cast.bank["reviewer"], processes_queries.open_item_of(story.case_uuid, "review"), opinion="请重做"
        )
    for manager, found in zip(managers, ("厂房三班满产", "库存周转放慢"), strict=True):
        visitor, page = _told_to(story, manager, "due_diligence")
        filled = {"outcome": "PASS", "visited_on": "2026-11-20", "findings": found, "opinion": f"意见{found[:2]}"}
        assert visitor.post(f"{page}complete/", filled).status_code == 302
    reviewer, page = _told_to(story, story.cast.bank["reviewer"], "review")
    assert "厂房三班满产" in reviewer.get(page).text
    reviewer.post(f"{page}complete/", RECOMMENDED)
    approver, page = _told_to(story, story.cast.bank["approver_a"], "approve")
    shown = approver.get(page).text
    assert "写错了" not in shown  # taken back, or of the round before the return
    assert shown.count("厂房三班满产") == 1
    for words in (
        "授信方案", "300,000.00 元", "叁拾万元整", "3.85%", "等额本息", "提供流水", "厂房三班满产", "库存周转放慢",
        "意见库存", "2026-11-20", *(manager.person_name for manager in managers),
    ):  # fmt: skip
        assert words in shown, words
    stranger = _signed_in(factory.story().cast.bank["approver_a"])
    assert stranger.get(page).status_code == 404
