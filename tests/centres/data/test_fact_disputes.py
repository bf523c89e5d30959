"""A firm disputes a fact: the mark stands wherever the fact is read; the outcome corrects it or says why not."""

import datetime as dt
from decimal import Decimal

import pytest

from factories import consents as given
from factories import parties as people
from factories import profiles, supplying
from factories import risk as models
from factories.sources import invoice_file, sale
from finmart.centres.data.consents.types import Mode, Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles import tasks as profiles_tasks
from finmart.centres.data.profiles.types import FACT_TYPES, DisputeState, ProfilesAct, UnableToDispute, UnableToRecord
from finmart.centres.data.risk import operations as risk_operations
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources import tasks as sources_tasks
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
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


def test_the_source_is_asked_and_its_correction_ends_the_dispute_with_the_mark_gone(sources, operator):
    own = people.enterprise(name="吴门精工")
    code = parties_queries.organisation(own.organisation_id).credit_code
    office = sources("court")
    office.supply("2026-10", supplying.SUPPLIED_ON, [supplying.record("court", code, key="C-1", cases=4)])
    sources_tasks.fetch("court")
    behind = sources_queries.record_behind(own.organisation_id, "司法涉诉", dt.date(2026, 10, 31))
    assert (behind.key, behind.feed_code, behind.batch_number, behind.supplier) == (
        "C-1",
        "court",
        "2026-10",
        "人民法院",
    )
    assert sources_queries.record_behind(own.organisation_id, "司法涉诉", dt.date(2026, 9, 30)) is None
    assert sources_queries.record_behind(own.organisation_id, "税务", dt.date(2026, 10, 31)) is None
    uuid = operations.raise_dispute(own, "litigation_count", "其中两件已经撤诉，有裁定书")
    demand = operations.route_dispute(operator, uuid, "企业称两件已撤诉，请核查")
    asked = sources_queries.demand_for(operator, demand)
    assert (asked.row.feed_name, asked.record_key) == ("司法涉诉", "C-1")
    routed = queries.dispute_for(operator, uuid)
    assert (routed.demand_uuid, routed.lines[-1].act_label) == (demand, "转供数单位")
    assert ProfilesAct.DISPUTE_ROUTE not in routed.acts
    with pytest.raises(UnableToDispute, match="已转供数单位"):
        operations.route_dispute(operator, uuid, "再转一次请核查")
    sources_tasks.deliver_demand(str(demand))
    office.supply(
        "2026-10b", supplying.SUPPLIED_ON, [supplying.record("court", code, key="C-2", replaces="C-1", cases=2)]
    )
    supplying.due_again("court")
    sources_tasks.fetch("court")
    assert sources_queries.record_behind(own.organisation_id, "司法涉诉", dt.date(2026, 10, 31)).key == "C-2"
    assert sources_queries.demand_for(operator, demand).row.state == "CLOSED"
    operations.uphold_dispute(operator, uuid, "供数单位已送更正记录")
    now = {view.code: view for view in queries.own_facts_for(own)}["litigation_count"]
    assert (now.value, now.disputed_at) == (2, None)


def test_a_dispute_is_reminded_of_once_before_its_deadline_and_once_when_late(firm, operator):
    operations.raise_dispute(firm, CODE, REASON)
    assert operations.remind_of_disputes(SYSTEM) == 0
    for days, title in ((18, "数据异议临近答复期限"), (21, "数据异议逾期未答复")):
        with clock.moved_to(clock.now() + dt.timedelta(days=days)):
            profiles_tasks.watch_disputes(0)
            assert operations.remind_of_disputes(SYSTEM) == 0
            assert [one.title for one in notices_queries.notices_for(operator)].count(title) == 1
    (dispute,) = queries.disputes_for(firm)
    assert [line.act_label for line in dispute.lines] == ["提出异议", "临近期限", "逾期未答复"]
    with pytest.raises(AccessDenied):
        operations.remind_of_disputes(operator)


def test_a_settled_dispute_reminds_nobody(firm, operator):
    operations.reject_dispute(operator, operations.raise_dispute(firm, CODE, REASON), "登记机关核对无误")
    with clock.moved_to(clock.now() + dt.timedelta(days=40)):
        assert operations.remind_of_disputes(SYSTEM) == 0


def test_what_is_derived_of_a_disputed_day_carries_the_mark(firm):
    profiles.facts(firm.organisation_id, established_on=dt.date(2019, 5, 6))
    operations.raise_dispute(firm, "established_on", "执照上成立日期是二〇一八年")
    assert queries.known_values(firm.organisation_id)["established_months"].source == "样例登记（有异议）"


def test_a_score_keeps_the_mark_of_what_it_was_made_of(firm, operator):
    clean = models.scored(firm)
    assert clean.disputed == ()
    uuid = operations.raise_dispute(firm, "annual_sales_fen", "漏了一张发票没有导入")
    operations.raise_dispute(firm, CODE, REASON)  # no score is made of it
    (told,) = risk_operations.score(SYSTEM, [firm.organisation_id])
    assert told.disputed == (FACT_TYPES["annual_sales_fen"].label,)
    operations.reject_dispute(operator, uuid, "发票查验平台核对无误")
    assert risk_queries.own_score_for(firm).disputed == told.disputed
    assert (told.points, risk_queries.replay(firm, told.uuid).is_same) == (clean.points, True)


def test_a_kept_copy_shows_what_is_disputed_today_and_what_was_corrected_since(firm, operator):
    bank, legal = people.bank(), people.colleague(firm, Role.ENTERPRISE_LEGAL_PERSON)
    given.consent(legal, bank, CODE, "employees", mode=Mode.STORE)
    copy = operations.keep_copy(bank, firm.organisation_id, Purpose.LOAN_REVIEW)
    uuid = operations.raise_dispute(firm, CODE, REASON)
    assert _marks(operations.open_copy(bank, copy)) == {CODE}
    assert _marks(queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW)) == {CODE}
    operations.uphold_dispute(operator, uuid, "核对执照属实", 500_000_000)
    kept = {view.code: view for view in operations.open_copy(bank, copy)}
    assert (kept[CODE].text, kept[CODE].note, kept[CODE].disputed_at) == ("30 万元", "留存后已更正", None)
    assert kept["employees"].note == ""


@pytest.mark.parametrize(
    ("settle", "note"),
    [
        (lambda by, uuid: operations.reject_dispute(by, uuid, "登记机关核对无误"), "留存时有异议"),
        (
            lambda by, uuid: operations.uphold_dispute(by, uuid, "核对执照属实", 500_000_000),
            "留存时有异议，留存后已更正",
        ),
    ],
)
def test_a_copy_taken_during_a_dispute_says_so_when_it_is_over(firm, operator, settle, note):
    bank, legal = people.bank(), people.colleague(firm, Role.ENTERPRISE_LEGAL_PERSON)
    given.consent(legal, bank, CODE, "employees", mode=Mode.STORE)
    uuid = operations.raise_dispute(firm, CODE, REASON)
    copy = operations.keep_copy(bank, firm.organisation_id, Purpose.LOAN_REVIEW)
    before = {view.code: view for view in operations.open_copy(bank, copy)}
    assert (before[CODE].disputed_at is not None, before[CODE].note) == (True, "")  # one mark at a time
    settle(operator, uuid)
    after = {view.code: view for view in operations.open_copy(bank, copy)}
    assert (after[CODE].disputed_at, after[CODE].note, after["employees"].note) == (None, note, "")
