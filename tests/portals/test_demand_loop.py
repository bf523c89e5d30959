"""A department is asked to correct a record and does: every step on pages, over the simulator's real HTTP (D1)."""

import re

import pytest

from factories import parties as people
from factories import supplying
from factories.supplying import SUPPLIED_ON, record
from finmart.centres.data.sources import tasks
from finmart.centres.data.sources.models import Batch, Demand, Record
from finmart.centres.data.sources.types import BatchState
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.integrations.data_sharing import client as client_module

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D1")]
FACT = "litigation_count"


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(client_module, "PAUSE_SECONDS", 0)


@pytest.fixture
def firm():
    return people.enterprise(Role.ENTERPRISE_LEGAL_PERSON, name="吴门精工")


@pytest.fixture
def code_of(firm):
    return parties_queries.organisation(firm.organisation_id).credit_code


def test_a_demand_goes_out_is_answered_and_its_correction_is_seen_by_both(client_of, sources, firm, code_of):
    staff = people.operator()
    operator, own, office = client_of(staff), client_of(firm), sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, key="C-1", cases=4)])
    tasks.fetch("court")
    assert "4 次" in _text(own.get(f"/enterprise/profile/facts/{FACT}/"))

    asked = operator.post(f"/operator/feeds/records/{Record.objects.get().uuid}/", {"text": "企业称两件已撤诉，请核对"})
    assert asked.status_code == 302
    demand = Demand.objects.get()
    address = f"/operator/demands/{demand.uuid}/"
    assert "尚未送达" in _text(operator.get(address))
    tasks.deliver_demand(str(demand.uuid))
    assert "送达" in _text(operator.get(address))
    assert "尚未送达" not in _text(operator.get(address))

    office.reply(str(demand.uuid), "ANSWERED", "属实，更正记录随下一批送达")
    tasks.follow_demands(0)
    answered = _text(operator.get(address))
    assert "已答复：属实，更正记录随下一批送达" in answered
    assert "人民法院答复了数据更正" in {one.title for one in notices_queries.notices_for(staff)}
    assert "4 次" in _text(own.get(f"/enterprise/profile/facts/{FACT}/"))  # an answer is no correction

    office.supply("2026-11", SUPPLIED_ON, [record("court", code_of, key="C-2", replaces="C-1", cases=2)])
    supplying.due_again("court")
    tasks.fetch("court")
    closed = _text(operator.get(address))
    assert "更正记录 C-2 已入库" in closed
    assert "已办结" in closed
    assert "人民法院送来更正" in {one.title for one in notices_queries.notices_for(staff)}
    for page in (own.get(f"/enterprise/profile/facts/{FACT}/"), operator.get(f"/operator/facts/{code_of}/{FACT}/")):
        seen = _text(page)
        assert "<dd>2 次" in seen
        assert "C-2" in seen
        assert "4 次" in seen  # what was known before stays in the history
    assert "已被 C-2 取代" in _text(
        operator.get(f"/operator/feeds/batches/{Batch.objects.get(number='2026-10').uuid}/")
    )


def test_a_source_that_went_down_shows_as_such_and_its_value_keeps_its_day(client_of, sources, firm, code_of):
    operator, own, office = client_of(people.operator()), client_of(firm), sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    tasks.fetch("court")
    office.fail("ERROR", times=50)
    for _ in range(3):
        supplying.due_again("court")
        tasks.fetch("court")
    assert re.search(r"司法涉诉.{0,400}中断", _text(operator.get("/operator/feeds/")))
    profile = _text(own.get("/enterprise/profile/"))
    assert "来源中断" in profile
    assert "0 次</td>" not in profile
    assert "4 次" in _text(own.get(f"/enterprise/profile/facts/{FACT}/"))
    office.fail("ERROR", times=0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"as_of_on": "2099-01-01"}, "缺少编号、企业代码或日期"),
        ({"key": "长" * 10_000}, "缺少编号、企业代码或日期"),
        ({"industry_section": "苏" * 10_000}, "与约定的类型不符"),
        ({"established_on": "2099-01-01"}, "成立日期不在将来"),
    ],
)
def test_records_that_cannot_be_are_told_of_on_the_page_and_the_sound_ones_are_not_lost(
    client_of, sources, code_of, wrong, said
):
    operator, office = client_of(people.operator()), sources("registry")
    others = [parties_queries.organisation(people.enterprise().organisation_id).credit_code for _ in range(2)]
    bad = record("registry", code_of) | wrong
    office.supply("2026-10", SUPPLIED_ON, [bad, *(record("registry", one) for one in others)])
    tasks.fetch("registry")
    (batch,) = Batch.objects.all()
    page = _text(operator.get(f"/operator/feeds/batches/{batch.uuid}/"))
    if batch.state == BatchState.HELD:
        assert said in page
        released = operator.post(
            f"/operator/feeds/batches/{batch.uuid}/release/", {"release-reason": "其余记录已核对，先行入库"}
        )
        assert released.status_code == 302
    else:
        assert re.search(r"不可用的值</dt><dd>1 个", page)
    batch.refresh_from_db()
    assert batch.state == BatchState.LOADED
    assert set(others) <= set(batch.records.values_list("credit_code", flat=True))
    assert batch.received == 3
