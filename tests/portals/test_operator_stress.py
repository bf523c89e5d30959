"""The operator asks what a failure would do; a question that cannot be is answered beside its field."""

import re

import pytest

from factories import guarantees, profiles
from finmart.centres.governance.warnings import queries
from finmart.centres.governance.warnings.types import TargetKind
from finmart.centres.technical.parties.models import Organisation


def _page(client, query=""):
    answer = client.get(f"/operator/stress/{query}")
    return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_the_page_asks_and_answers(client_of):
    operator = guarantees.town()
    client = client_of(operator)
    status, page = _page(client)
    assert status == 200
    assert "互保：" in page
    assert '<optgroup label="担保圈">' in page
    code = next(one.code for one in queries.summary_for(operator).targets if one.label == "甲方精密")
    status, page = _page(client, f"?target={code}&method=THRESHOLD")
    assert status == 200
    for told in (
        "牵连出险",
        "1,000,000.00 元",
        "资本未知",
        "姑苏样例银行",
        "丙方软件（隔 2 层）",
        "甲方精密 → 乙方机电 → 甲方精密",
    ):
        assert told in page
    for query in ("?target=", "?target=FIRM:nobody", f"?target={code}&method=NONSENSE", "?target=" + "x" * 500):
        status, page = _page(client, query)
        assert status == 422
        assert "field-wrong" in page


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_the_page_asks_of_every_kind_of_target(client_of):
    operator = guarantees.town()
    profiles.facts(Organisation.objects.get(name="甲方精密").pk, industry_code="3911")
    client = client_of(operator)
    asked = {}
    for one in queries.summary_for(operator).targets:
        asked.setdefault(one.kind, one)
    assert set(asked) == set(TargetKind)
    for one in asked.values():
        for method in ("THRESHOLD", "DEBTRANK"):
            status, page = _page(client, f"?target={one.code}&method={method}")
            assert (status, one.label in page, "损失由谁承担" in page) == (200, True, True), one
            assert f'<optgroup label="{one.kind.label}">' in page
