"""The operator's parameters and calendar, and a person's notices, as a browser shows them."""

import pytest

from factories import guarantees
from factories import parties as factory
from factories import warnings as raised_warnings
from finmart.centres.governance.warnings import operations as warnings_operations
from finmart.centres.governance.warnings import queries as warnings_queries
from finmart.centres.technical.notices import operations
from finmart.centres.technical.parties.models import Person
from finmart.kit import transactions
from finmart.kit.actor import Actor

pytestmark = pytest.mark.browser


@pytest.fixture
def operator(site):
    with transactions.opened():
        actor = factory.operator()
        for values in (
            {"number": "A-1", "step": "受理", "due": "2026-11-24"},
            {"number": "A-2", "step": "尽职调查", "due": "-"},
        ):
            operations.notify(
                Actor.of_system("test"), person_ids=[actor.person_id], template="item_assigned", values=values, link="/"
            )
    return Person.objects.get(pk=actor.person_id).username


def test_parameters_calendar_and_notices(page_as, operator):
    visit = page_as(operator)
    for path, name in (
        ("/operator/parameters/", "parameters"),
        ("/operator/parameters/bank_loan.deadline.acceptance/", "parameter"),
        ("/operator/calendar/", "calendar"),
        ("/operator/calendar/?year=2027", "calendar-open"),
        ("/operator/calendar/2027-01-01/", "day"),
        ("/messages/", "messages"),
    ):
        assert visit.go(path) == 200
        visit.check(name)


def test_a_wrong_value_is_told_beside_its_field(page_as, operator):
    visit = page_as(operator)
    visit.go("/operator/parameters/bank_loan.deadline.acceptance/")

    def hand_in(page):
        page.fill("[name=value]", "四天")
        page.fill("[name=source]", "会议纪要")
        page.click("main form[method=post] button")
        page.wait_for_selector(".field-wrong")
        return page.inner_text(".field-wrong")

    assert "请填写整数" in visit.do(hand_in)
    visit.check("parameter-wrong")


def test_the_stress_page(page_as, site):
    with transactions.opened():
        actor = guarantees.town()
        code = next(one.code for one in warnings_queries.summary_for(actor).targets if one.label == "甲方精密")
    visit = page_as(Person.objects.get(pk=actor.person_id).username)
    for address, name in (
        ("/operator/stress/", "stress"),
        (f"/operator/stress/?target={code}&method=THRESHOLD", "stress-answered"),
    ):
        assert visit.go(address) == 200
        visit.check(name)


def test_the_pages_of_warnings(page_as, site):
    with transactions.opened():
        actor = factory.operator()
        uuid = raised_warnings.litigation(actor, factory.enterprise(name="吴门精工").organisation_id)
        warnings_operations.take(actor, uuid)
        warnings_operations.record_action(actor, uuid, "查阅裁判文书，均为原告")
    visit = page_as(Person.objects.get(pk=actor.person_id).username)
    for address, name in (("/operator/warnings/", "warnings"), (f"/operator/warnings/{uuid}/", "warning")):
        assert visit.go(address) == 200
        visit.check(name)
