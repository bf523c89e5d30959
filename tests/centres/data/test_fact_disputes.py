"""A firm disputes a fact: the mark stands wherever the fact is read; the outcome corrects it or says why not."""

import datetime as dt
from decimal import Decimal

import pytest

from factories import parties as people
from factories import profiles
from factories.sources import invoice_file, sale
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.types import DisputeState, ProfilesAct, UnableToDispute, UnableToRecord
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.notices import queries as notices_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

pytestmark = [pytest.mark.clause("D1"), pytest.mark.django_db]
SYSTEM = Actor.of_system("test")
CODE = "registered_capital_fen"
REASON = "执照上注册资本为五百万元"


@pytest.fixture
def firm():
    own = people.enterprise(name="吴门精工")
    profiles.facts(own.organisation_id, registered_capital_fen=30_000_000, employees=12)
    return own


@pytest.fixture
def operator():
    return people.operator()


def _marks(views):
    return {view.code for view in views if view.disputed_at}


def test_the_mark_stands_wherever_the_fact_is_read_until_it_is_settled(firm, operator):
    before = clock.now()
    uuid = operations.raise_dispute(firm, CODE, REASON)
    assert _marks(queries.own_facts_for(firm)) == {CODE}
    assert _marks(queries.facts_for(operator, firm.organisation_id, Purpose.QUALITY)) == {CODE}
    known = queries.known_values(firm.organisation_id)
    assert known[CODE].source == "样例登记（有异议）"
    assert known["employees"].source == "样例登记"
    (raised,) = queries.disputes_for(operator)
    assert (raised.firm_name, raised.shown, raised.reason) == ("吴门精工", "30 万元", REASON)
    assert dt.timedelta(days=19) < raised.due_at - before <= dt.timedelta(days=20, minutes=5)
    during = clock.now()
    operations.reject_dispute(operator, uuid, "登记机关核对无误，与档案一致")
    assert _marks(queries.own_facts_for(firm)) == set()
    assert _marks(queries.own_facts_for(firm, known_by=during)) == {CODE}
    assert queries.known_values(firm.organisation_id)[CODE].source == "样例登记"


def test_an_upheld_dispute_corrects_the_fact_and_keeps_what_was_known(firm, operator):
    then = clock.now()
    uuid = operations.raise_dispute(firm, CODE, REASON)
    with pytest.raises(UnableToDispute, match="尚未更正"):
        operations.uphold_dispute(operator, uuid, "核对执照属实")
    with pytest.raises(UnableToRecord):
        operations.uphold_dispute(operator, uuid, "核对执照属实", "五百万")
    operations.uphold_dispute(operator, uuid, "核对执照属实", 500_000_000)
    now = {view.code: view for view in queries.own_facts_for(firm)}[CODE]
    assert (now.text, now.source, now.disputed_at) == ("500 万元", "样例登记（异议更正）", None)
    assert {view.code: view.text for view in queries.own_facts_for(firm, known_by=then)}[CODE] == "30 万元"
    (settled,) = queries.disputes_for(firm, is_open=False)
    assert (settled.state, settled.outcome) == (DisputeState.UPHELD, "核对执照属实")
    assert [line.act_label for line in settled.lines] == ["提出异议", "更正"]
    assert settled.lines[-1].text == "30 万元 → 500 万元；核对执照属实"
    assert "数据异议已更正" in {notice.title for notice in notices_queries.notices_for(firm)}
    for again in (
        lambda: operations.reject_dispute(operator, uuid, "再次处理一遍"),
        lambda: operations.withdraw_dispute(firm, uuid),
    ):
        with pytest.raises(UnableToDispute, match="已办结"):
            again()


def test_what_is_computed_is_corrected_by_its_source_only(firm, operator):
    month = (clock.today().replace(day=1) - dt.timedelta(days=3)).isoformat()
    load = {"organisation_id": firm.organisation_id}
    sources_operations.load_invoices(SYSTEM, invoice_file(sale(开票日期=month)), **load)
    operations.compute(SYSTEM, [firm.organisation_id], clock.today())
    uuid = operations.raise_dispute(firm, "annual_sales_fen", "漏了一张发票没有导入")
    with pytest.raises(UnableToDispute, match="平台计算"):
        operations.uphold_dispute(operator, uuid, "补录发票后重算", 7)
    with pytest.raises(UnableToDispute, match="没有可转的供数单位"):
        operations.route_dispute(operator, uuid, "请核对发票")
    more = sale(发票号码="2", 开票日期=month, 金额="5000", 税额="650", 价税合计="5650")
    sources_operations.load_invoices(SYSTEM, invoice_file(sale(开票日期=month), more), **load)
    operations.uphold_dispute(operator, uuid, "已补录发票并重新计算")
    now = {view.code: view for view in queries.own_facts_for(firm)}["annual_sales_fen"]
    assert now.value == 600_000
    assert queries.dispute_for(operator, uuid).lines[-1].text.startswith("1,000.00 元 → 6,000.00 元")


def test_who_may_do_what(firm, operator):
    stranger = people.enterprise(name="他家")
    with pytest.raises(NotFound):
        operations.raise_dispute(stranger, CODE, REASON)
    for asked in (operator, people.bank(), SYSTEM):
        with pytest.raises(AccessDenied):
            operations.raise_dispute(asked, CODE, REASON)
    uuid = operations.raise_dispute(firm, CODE, REASON)
    assert queries.dispute_for(firm, uuid).acts == {ProfilesAct.DISPUTE_WITHDRAW}
    assert queries.dispute_for(operator, uuid).acts == {
        ProfilesAct.DISPUTE_UPHOLD, ProfilesAct.DISPUTE_REJECT, ProfilesAct.DISPUTE_ROUTE,
    }  # fmt: skip
    with pytest.raises(NotFound):
        queries.dispute_for(stranger, uuid)
    with pytest.raises(NotFound):
        operations.withdraw_dispute(stranger, uuid)
    with pytest.raises(AccessDenied):
        queries.disputes_for(people.bank())
    for act in (operations.route_dispute, operations.uphold_dispute, operations.reject_dispute):
        with pytest.raises(AccessDenied):
            act(firm, uuid, "自己处理自己的异议")
    with pytest.raises(UnableToDispute, match="已有处理中"):
        operations.raise_dispute(firm, CODE, "再提一次同样的异议")
    with pytest.raises(UnableToDispute, match="5 至 500"):
        operations.raise_dispute(firm, "employees", "不对")
    operations.withdraw_dispute(firm, uuid)
    assert operations.raise_dispute(firm, CODE, REASON) != uuid
    assert Decimal(queries.known_values(firm.organisation_id)[CODE].value) == 30_000_000
