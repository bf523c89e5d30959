"""An emergency plan is revised on its page and adopted by somebody else; mistakes stand beside their field."""

import re
from datetime import timedelta

import pytest

from factories import emergencies as factory
from finmart.centres.governance.emergencies import queries
from finmart.kit import clock

ADDRESS = "/operator/emergencies/plans/source_outage/"
pytestmark = [pytest.mark.django_db, pytest.mark.clause("D5")]


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def _filled(page):
    """Return what the browser would send back of a page with this form, untouched."""
    sheet = page.context["sheet"]
    forms = [sheet.form, *sheet.levels, *sheet.steps, *sheet.wordings]
    managed = [one.management_form for one in (sheet.levels, sheet.steps, sheet.wordings)]
    sent = {"base_version": str(page.context["version"])}
    for form in [*forms, *managed]:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                sent[bound.html_name] = "on" if value is True else str(value)
    return sent


def test_a_plan_is_revised_over_http_by_two_people(client_of):
    by = factory.staff()
    author, second = client_of(by.operator), client_of(by.chief)
    page = author.get(f"{ADDRESS}revise/")
    assert page.status_code == 200
    sent = _filled(page)
    same = author.post(f"{ADDRESS}revise/", {**sent, "reason": "什么也没有改"})
    assert same.status_code == 422
    assert "没有可修订之处" in _text(same)
    wrong = author.post(
        f"{ADDRESS}revise/",
        {**sent, "reason": "", "levels-0-assess_hours": "0", "valid_from": "2020-01-01", "steps-0-text": ""},
    )
    assert wrong.status_code == 422
    assert _text(wrong).count("field-wrong") == 3
    old = author.post(f"{ADDRESS}revise/", {**sent, "reason": "改得太早了", "valid_from": "2020-01-01"})
    assert old.status_code == 422
    assert "生效日期不能早于今天" in _text(old)
    steps = int(sent["steps-INITIAL_FORMS"])
    changed = {
        **sent, "reason": "供数单位换了联系方式", "source": "示例市应急预案", "steps-0-DELETE": "on",
        f"steps-{steps}-text": "向大数据局书面报告", f"steps-{steps}-by": "OPERATOR",
        **{f"steps-{steps}-{name}": value for name, value in zip(
            ("first", "second", "third", "fourth"), (1, 2, 4, 8), strict=True)},
    }  # fmt: skip
    answer = author.post(f"{ADDRESS}revise/", changed)
    assert answer.status_code == 302
    (waiting,) = queries.waiting_revisions_for(by.operator)
    told = _text(author.get(answer.url))
    for words in ("向大数据局书面报告", "（删除）", "示例市应急预案", "撤回修订"):
        assert words in told
    assert "采用</button>" not in told
    base = f"/operator/emergencies/revisions/{waiting.uuid}/"
    assert author.post(f"{base}adopt/").status_code == 403
    assert second.post(f"{base}reject/", {"opinion": ""}).status_code == 422
    assert "修订待复核" in _text(second.get("/operator/emergencies/"))
    assert second.post(f"{base}adopt/", {"opinion": "同意"}).status_code == 302
    assert second.post(f"{base}adopt/").status_code == 422
    shown = _text(author.get(ADDRESS))
    assert "第 2 版" in shown
    assert "向大数据局书面报告" in shown
    assert "现行的是" in _text(author.get(f"{ADDRESS}?version=1"))
    for query in ("?version=9", "?version=x", "?version=99999"):
        assert author.get(ADDRESS + query).status_code == 404
    plan = next(row.plan for row in queries.plan_rows_for(by.operator) if row.plan.code == "source_outage")
    assert plan.is_example is False
    assert len({step.code for step in plan.steps}) == len(plan.steps) == steps
    late = _filled(author.get(f"{ADDRESS}revise/"))
    tomorrow = f"{clock.today() + timedelta(days=1):%Y-%m-%d}"
    back = author.post(f"{ADDRESS}revise/", {**late, "title": "来源中断", "reason": "改个名称", "valid_from": tomorrow})
    assert back.status_code == 422  # four words are too few
    back = author.post(
        f"{ADDRESS}revise/", {**late, "title": "来源中断", "reason": "改一个名称", "valid_from": tomorrow}
    )
    assert back.status_code == 302
    assert author.post(f"{back.url}withdraw/").status_code == 302
    assert queries.waiting_revisions_for(by.operator) == []
