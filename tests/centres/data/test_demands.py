"""Demands to departments: due by working days, delivered over HTTP, urged, answered, closed by their correction."""

from datetime import UTC, datetime, timedelta

import pytest

from factories import parties as people
from factories.supplying import SUPPLIED_ON, due_again, record
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import operations, queries, tasks
from finmart.centres.data.sources.models import Demand, Record
from finmart.centres.data.sources.types import DemandState, UnableToDemand
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.errors import AccessDenied, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D1")]
FRIDAY = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def operator():
    return people.operator()


def _acts(operator, uuid):
    return [line.act_label for line in queries.demand_for(operator, uuid).lines]


def test_a_demand_is_due_within_the_working_days_agreed(operator):
    with clock.moved_to(FRIDAY):
        uuid = operations.raise_demand(operator, feed_code="tax", text="请补送三季度纳税数据")
        (row,) = queries.demands_for(operator)
    assert (row.due_at - FRIDAY).days == 7  # five working days from a Friday
    assert (row.supplier, row.state_label, row.is_overdue) == ("税务部门", "待答复", False)
    with clock.moved_to(FRIDAY + timedelta(days=8)):
        assert queries.demand_for(operator, uuid).row.is_overdue


def test_it_is_delivered_once_urged_and_answered_by_the_suppliers_system(operator, sources):
    office = sources("tax")
    uuid = operations.raise_demand(operator, feed_code="tax", text="请补送三季度纳税数据")
    office.fail("ERROR", times=3)
    tasks.deliver_demand(str(uuid))
    assert queries.demand_for(operator, uuid).row.delivered_at is None
    for _ in range(2):
        tasks.follow_demands(0)
    operations.urge_demand(operator, uuid)
    tasks.deliver_demand(str(uuid))
    assert _acts(operator, uuid) == ["提出", "送达", "催办"]
    office.reply(str(uuid), "ANSWERED", "已随 2026-11 批次补送")
    tasks.follow_demands(0)
    tasks.follow_demands(0)
    view = queries.demand_for(operator, uuid)
    assert (view.row.state_label, view.answer) == ("已答复", "已随 2026-11 批次补送")
    assert view.lines[-1].text == "已答复：已随 2026-11 批次补送"
    assert queries.demands_for(operator) == []
    with pytest.raises(UnableToDemand):
        operations.urge_demand(operator, uuid)
    operations.close_demand(operator, uuid, "数据已经补齐，予以办结")
    assert queries.demands_for(operator, is_open=False)[0].state == DemandState.CLOSED


def test_an_overdue_one_is_urged_and_told_of_once(operator, sources):
    sources("tax")
    uuid = operations.raise_demand(operator, feed_code="tax", text="请补送三季度纳税数据")
    with clock.moved_to(clock.now() + timedelta(days=15)):
        assert operations.chase_overdue(tasks.FEEDER) == 1
        assert operations.chase_overdue(tasks.FEEDER) == 0
        assert _acts(operator, uuid) == ["提出", "逾期", "催办"]
        assert "逾期未答复" in notices_queries.notices_for(operator)[0].title


def test_a_correction_closes_the_demand_for_it(operator, sources):
    office, firm = sources("court"), people.enterprise()
    code = parties_queries.organisation(firm.organisation_id).credit_code
    office.supply("2026-10", SUPPLIED_ON, [record("court", code, key="C-1", cases=9)])
    tasks.fetch("court")
    wrong = Record.objects.get()
    uuid = operations.raise_demand(operator, feed_code="court", text="企业称已撤诉，请核对", record_uuid=wrong.uuid)
    with pytest.raises(UnableToDemand, match="已有待答复"):
        operations.raise_demand(operator, feed_code="court", text="企业称已撤诉，请核对", record_uuid=wrong.uuid)
    assert queries.demand_to_deliver(tasks.FEEDER, uuid).subject == "C-1"
    office.supply("2026-10-b", SUPPLIED_ON, [record("court", code, key="C-1b", cases=8, replaces="C-1")])
    due_again("court")
    tasks.fetch("court")
    assert Demand.objects.get().state == DemandState.CLOSED
    assert queries.demand_for(operator, uuid).lines[-1].text == "更正记录 C-1b 已入库"
    facts = {view.code: view.value for view in profiles_queries.own_facts_for(firm)}
    assert facts["litigation_count"] == 8
    with pytest.raises(UnableToDemand, match="取代"):
        operations.raise_demand(operator, feed_code="court", text="再核对一次这条", record_uuid=wrong.uuid)


def test_people_write_down_an_answer_that_came_by_letter(operator):
    uuid = operations.raise_demand(operator, feed_code="customs", text="请补送出口数据")
    with pytest.raises(UnableToDemand):
        operations.note_reply(operator, uuid, DemandState.REFUSED, "否")
    operations.note_reply(operator, uuid, DemandState.REFUSED, "来函：依规定不能提供")
    assert queries.demand_for(operator, uuid).row.state_label == "不能提供"
    with pytest.raises(UnableToDemand):
        operations.note_reply(operator, uuid, DemandState.ANSWERED, "来函：又可以提供了")


def test_none_but_the_operator_asks_departments(operator):
    uuid = operations.raise_demand(operator, feed_code="tax", text="请补送三季度纳税数据")
    for stranger in (people.enterprise(), people.bank()):
        for act in (
            lambda who: operations.raise_demand(who, feed_code="tax", text="请补送三季度纳税数据"),
            lambda who: operations.urge_demand(who, uuid),
            lambda who: operations.close_demand(who, uuid, "不再需要这项数据"),
            lambda who: operations.pause_feed(who, "tax", "不想再接入了"),
            lambda who: operations.fetch_anew(who, "tax"),
            lambda who: operations.begin_run(who, "tax"),
            queries.feeds_for,
            queries.demands_for,
        ):
            with pytest.raises(AccessDenied):
                act(stranger)
    with pytest.raises(NotFound):
        operations.raise_demand(operator, feed_code="nobody", text="请补送三季度纳税数据")
    with pytest.raises(UnableToDemand):
        operations.raise_demand(operator, feed_code="tax", text="急")
