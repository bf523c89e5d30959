"""A rule on its way through the pages: listed, failing, its lapse answered for, its terms set with a reason."""

import re

import pytest

from factories import parties as people
from factories import quality as factory
from finmart.centres.data.quality import operations
from finmart.kit import clock

pytestmark = [pytest.mark.clause("D1"), pytest.mark.django_db]
ADDRESS = f"/operator/quality/rules/{factory.CODE}/"


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_failing_rule_is_listed_answered_for_and_mended(client_of):
    operator = people.operator()
    client, lapse = client_of(operator), factory.lapse(operator)
    factory.operations.run(factory.JUDGE)
    listed = _text(client.get("/operator/quality/"))
    for told in ("纳税额与年营业收入相符", "100.00% / 10.00%", "未达标", "<svg", "还剩"):
        assert told in listed
    shown = _text(client.get(ADDRESS))
    for told in ("账实不符企业", "近12个月纳税额 9,000.00 元；年营业收入 10,000.00 元", "首位登记整改者即为责任人"):
        assert told in shown
    measure = f"/operator/quality/lapses/{factory.CODE}/{lapse}/"
    wrong = client.post(measure, {"text": ""})
    assert wrong.status_code == 422
    assert "field-wrong" in _text(wrong)
    assert client.post(measure, {"text": "<b>已请</b>税务核对"}).status_code == 302
    assert "&lt;b&gt;已请" in _text(client.get(ADDRESS))
    terms = {
        "most_failed": "100", "days_to_mend": "3", "owner": str(operator.person_id),
        "valid_from": clock.today().isoformat(), "reason": "会议纪要第三条",
    }  # fmt: skip
    assert client.post(f"{ADDRESS}terms/", terms | {"valid_from": "2020-01-01"}).status_code == 422
    assert client.post(f"{ADDRESS}terms/", terms | {"most_failed": "101"}).status_code == 422
    assert client.post(f"{ADDRESS}terms/", terms).status_code == 302
    operations.run(factory.JUDGE)
    mended = _text(client.get(ADDRESS))
    assert "恢复达标" in mended
    assert "会议纪要第三条" in mended
    assert "登记整改" not in mended
    assert client.post(measure, {"text": "再写一次"}).status_code == 422


def test_a_run_is_asked_for_and_an_unknown_rule_is_not_there(client_of):
    client = client_of(people.operator())
    assert "还没有做过全面检查" in _text(client.get("/operator/quality/"))
    assert client.post("/operator/quality/run/").status_code == 302
    assert "已安排检查" in _text(client.get("/operator/quality/"))
    assert client.get("/operator/quality/rules/nothing/").status_code == 404
