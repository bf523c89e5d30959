"""A warning on its way through the pages: listed, taken, acted on, lifted; a word too few is told beside its field."""

import re

import pytest

from factories import parties as people
from factories import profiles
from factories import warnings as raised
from finmart.centres.governance.warnings import operations
from finmart.centres.technical.parties.types import Role


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_a_warning_is_taken_acted_on_and_lifted(client_of):
    operator = people.operator()
    firm = people.enterprise(name="吴门精工")
    uuid = raised.litigation(operator, firm.organisation_id)
    client, address = client_of(operator), f"/operator/warnings/{uuid}/"
    listed = _text(client.get("/operator/warnings/"))
    for told in ("吴门精工", "黄色", "涉诉 3 次", "待认领"):
        assert told in listed
    assert "登记处置" not in re.sub("登记处置以后", "", _text(client.get(address)))
    assert client.post(f"{address}take/").status_code == 302
    wrong = client.post(f"{address}act/", {"action": ""})
    assert wrong.status_code == 422
    assert "field-wrong" in _text(wrong)
    early = client.post(f"{address}lift/", {"reason": "案件已经撤诉"})
    assert early.status_code == 422
    assert "尚未登记任何处置" in _text(early)
    assert client.post(f"{address}act/", {"action": "<b>查阅</b>裁判文书，均为原告"}).status_code == 302
    assert "&lt;b&gt;查阅" in _text(client.get(address))
    assert client.post(f"{address}lift/", {"reason": "好"}).status_code == 422
    assert client.post(f"{address}lift/", {"reason": "均为原告，无被诉案件"}).status_code == 302
    assert "没有这样的预警" in _text(client.get("/operator/warnings/"))
    assert "吴门精工" in _text(client.get("/operator/warnings/?state=LIFTED"))
    assert client.post(f"{address}act/", {"action": "再看"}).status_code == 422


@pytest.mark.django_db
def test_the_list_comes_in_pages_and_is_narrowed_by_grade_signal_and_holder(client_of):
    operator = people.operator()
    firms = [people.enterprise(name=f"吴门{place:02d}") for place in range(21)]
    for firm in firms:
        profiles.facts(firm.organisation_id, litigation_count=3)
    worst = raised.litigation(operator, people.enterprise(name="太湖机电").organisation_id, count=10)
    client = client_of(operator)
    first, rest = (_text(client.get("/operator/warnings/", {"page": page})) for page in (1, 2))
    assert (first.count('data-label="企业"'), rest.count('data-label="企业"')) == (20, 2)
    assert "共 22 条，第 1 / 2 页" in first
    assert "太湖机电" in first
    operations.take(operator, worst)

    def listed(**narrowed):
        answer = client.get("/operator/warnings/", narrowed)
        assert answer.status_code == 200
        return _text(answer).count('data-label="企业"')

    assert listed(grade="RED") == 1
    assert listed(holder="MINE") == 1
    assert listed(holder="NOBODY", grade="RED") == 0
    assert listed(signal="OVERDUE") == 0
    assert listed(signal="LITIGATION", holder="NOBODY", page=2) == 1
    assert client.get("/operator/warnings/?grade=NONSENSE").status_code == 422


@pytest.mark.django_db
def test_two_who_take_at_once_and_a_red_one(client_of):
    operator = people.operator()
    uuid = raised.litigation(operator, people.enterprise().organisation_id, count=10)
    colleague = people.colleague(operator, Role.OPERATOR)
    address = f"/operator/warnings/{uuid}/"
    assert client_of(operator).post(f"{address}take/").status_code == 302
    assert client_of(colleague).post(f"{address}take/").status_code == 409
    assert client_of(operator).post(f"{address}act/", {"action": "已走访"}).status_code == 302
    assert "解除预警" not in _text(client_of(operator).get(address))
    assert client_of(colleague).post(f"{address}lift/", {"reason": "复核属实，案件已结"}).status_code == 302


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_handed_on_and_called_worse_on_the_page_and_the_rules_are_shown(client_of):
    operator = people.operator()
    uuid = raised.litigation(operator, people.enterprise(name="吴门精工").organisation_id)
    colleague = people.colleague(operator, Role.OPERATOR)
    client, address = client_of(operator), f"/operator/warnings/{uuid}/"
    client.post(f"{address}take/")
    for path, wrong in (
        ("upgrade", {"grade": "", "upgrade_reason": "实际控制人失联"}),
        ("upgrade", {"grade": "YELLOW", "upgrade_reason": "实际控制人失联"}),
        ("upgrade", {"grade": "RED", "upgrade_reason": "急"}),
        ("assign", {"person": "999999", "assign_reason": "休假期间代管"}),
        ("assign", {"person": str(colleague.person_id), "assign_reason": ""}),
    ):
        answer = client.post(f"{address}{path}/", wrong)
        assert answer.status_code == 422, wrong
        assert "field-wrong" in _text(answer)
    upgraded = {"grade": "RED", "upgrade_reason": "实际控制人失联"}
    assert client.post(f"{address}upgrade/", upgraded).status_code == 302
    assert "人工升级" in _text(client.get(address))
    handed = {"person": str(colleague.person_id), "assign_reason": "休假期间代管"}
    assert client.post(f"{address}assign/", handed).status_code == 302
    assert "登记处置</button>" in _text(client_of(colleague).get(address))
    rules = _text(client.get("/operator/warnings/rules/"))
    for told in ("纳税额骤降", "用电量骤降", "查询多而未获授信", "缺任一数或前期不为正则不判断", "≥ 60%"):
        assert told in rules
