"""Sources of data on the operator's pages: what is down shows as such, what waits is handled, departments are asked."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from factories import parties as people
from factories import supplying
from finmart.centres.data.quality import operations as quality_operations
from finmart.centres.data.sources import operations
from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D1")]


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def firm_code():
    firm = people.enterprise(name="吴门精工")
    return parties_queries.organisation(firm.organisation_id).credit_code


def test_a_source_that_is_down_shows_as_such(client_of):
    Feed.objects.filter(code="tax").update(failures=3, failing_since=clock.now(), latest_failure="应答 HTTP 503")
    Feed.objects.filter(code="customs").update(state="STOPPED", state_reason="海关进出口的数据结构变了：缺少列")
    client = client_of(people.operator())
    listed = _text(client.get("/operator/feeds/"))
    for told in (
        "中断",
        "取数失败 3 次：应答 HTTP 503",
        "结构变化，已停止",
        "尚未接入",
        "苏州地方征信平台",
        "等待处理",
    ):
        assert told in listed
    page = _text(client.get("/operator/feeds/tax/"))
    for told in ("应答 HTTP 503", "五个工作日内供数", "本产品缺省值", "annual_tax"):
        assert told in page


def test_a_feed_is_paused_with_a_reason_and_resumed(client_of):
    client = client_of(people.operator())
    short = client.post("/operator/feeds/tax/pause/", {"reason": "坏"})
    assert short.status_code == 422
    assert "field-wrong" in _text(short)
    assert client.post("/operator/feeds/tax/pause/", {"reason": "协议到期，待续签"}).status_code == 302
    assert "协议到期，待续签" in _text(client.get("/operator/feeds/tax/"))
    assert client.post("/operator/feeds/tax/fetch/").status_code == 422
    assert client.post("/operator/feeds/tax/resume/").status_code == 302
    assert client.post("/operator/feeds/tax/fetch/").status_code == 302
    assert client.post("/operator/feeds/tax/anew/").status_code == 302
    assert Feed.objects.get(code="tax").round == 2


def test_a_held_batch_is_looked_at_and_released_or_rejected(client_of, firm_code):
    held = supplying.held_batch("court", firm_code)
    client, address = client_of(people.operator()), f"/operator/feeds/batches/{held.uuid}/"
    page = _text(client.get(address))
    for told in ("暂存待核", "吴门精工", "超过 5%", "有值"):
        assert told in page
    assert "1234.50" not in page  # values are read under a purpose, not here
    assert client.post(f"{address}release/", {"release-reason": "可"}).status_code == 422
    assert client.post(f"{address}release/", {"release-reason": "已电话核对，照此入库"}).status_code == 302
    assert client.post(f"{address}reject/", {"reject-reason": "还是退回去吧"}).status_code == 422
    other = supplying.held_batch("tax", firm_code)
    assert (
        client.post(f"/operator/feeds/batches/{other.uuid}/reject/", {"reject-reason": "缺编号，重送"}).status_code
        == 302
    )
    assert Batch.objects.get(pk=other.pk).state == "REFUSED"


def test_a_batch_held_by_a_rule_shows_the_rule_and_is_its_owners_to_settle(client_of, firm_code):
    owner = people.operator()
    quality_operations.set_terms(
        owner, "established_plausible", most_failed=Decimal(0), days_to_mend=5, owner_id=owner.person_id,
        valid_from=clock.today(), reason="由数据专员负责",
    )  # fmt: skip
    held = supplying.batch("registry", supplying.record("registry", firm_code, established_on="2099-01-01"))
    address = f"/operator/feeds/batches/{held.uuid}/"
    seen = _text(client_of(people.colleague(owner, Role.OPERATOR)).get(address))
    for told in (
        "成立日期不在将来",
        "暂存整批",
        "成立日期 2099-01-01",
        f"由责任人{owner.person_name}或运营管理员放行或退回",
    ):
        assert told in seen
    assert "放行入库" not in seen
    client = client_of(owner)
    assert "放行入库" in _text(client.get(address))
    short = client.post(f"{address}reject/", {"reject-reason": "错"})
    assert short.status_code == 422
    assert "field-wrong" in _text(short)
    assert client.post(f"{address}reject/", {"reject-reason": "成立日期有误，请重送"}).status_code == 302
    assert "批次" in _text(client.get("/operator/demands/"))


def test_a_department_is_asked_urged_and_answers(client_of, firm_code):
    client = client_of(people.operator())
    assert client.post("/operator/feeds/tax/demand/", {"text": "急"}).status_code == 422
    assert client.post("/operator/feeds/tax/demand/", {"text": "请补送<b>三季度</b>数据"}).status_code == 302
    listed = _text(client.get("/operator/demands/"))
    assert "请补送&lt;b&gt;三季度" in listed
    address = re.search(r"/operator/demands/[0-9a-f-]{36}/", listed).group()
    assert client.post(f"{address}urge/").status_code == 302
    assert client.post(f"{address}reply/", {"state": "CLOSED", "answer": "来函答复"}).status_code == 422
    assert client.post(f"{address}reply/", {"state": "ANSWERED", "answer": "来函：已补送"}).status_code == 302
    page = _text(client.get(address))
    for told in ("催办", "第 1 次", "已答复：来函：已补送"):
        assert told in page
    assert client.post(f"{address}close/", {"reason": "数据已经补齐"}).status_code == 302
    assert "已办结" in _text(client.get("/operator/demands/?state=SETTLED"))


def test_a_record_is_to_be_corrected(client_of, firm_code):
    record = supplying.batch("court", supplying.record("court", firm_code, key="C-1")).records.get()
    client, address = client_of(people.operator()), f"/operator/feeds/records/{record.uuid}/"
    assert "提出更正" in _text(client.get(address))
    assert client.post(address, {"text": "企业称已撤诉，请核对"}).status_code == 302
    again = client.post(address, {"text": "企业称已撤诉，请核对"})
    assert again.status_code == 422
    assert "已有待答复的更正需求" in _text(again)
    assert "数据更正" in _text(client.get("/operator/demands/"))
    assert operations.chase_overdue(supplying.FEEDER) == 0


def test_beside_a_fact_stands_that_its_source_is_down_or_its_day_too_old(client_of):
    firm = people.enterprise(Role.ENTERPRISE_LEGAL_PERSON)
    code = parties_queries.organisation(firm.organisation_id).credit_code
    today = clock.today()
    supplying.batch("tax", supplying.record("tax", code, as_of_on=str(today)))
    supplying.batch("court", supplying.record("court", code, as_of_on=str(today - timedelta(days=31))))
    client = client_of(firm)
    sound = _text(client.get("/enterprise/profile/"))
    assert "已过期：超过 30 天" in sound
    assert "来源中断" not in sound
    Feed.objects.filter(code="tax").update(failures=3, failing_since=clock.now(), latest_failure="应答 HTTP 503")
    Feed.objects.filter(code="customs").update(failures=5, failing_since=clock.now(), latest_failure="超时")
    down = _text(client.get("/enterprise/profile/"))
    assert "来源中断，未再更新" in down
    assert f"近12个月纳税额（{today}）" in down  # as of its old day, and no zero
    assert re.search(r"海关进出口.{0,40}取数失败 5 次：超时.{0,200}近12个月出口额", down)
    assert "近12个月出口额</div>" not in down
