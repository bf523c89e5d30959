"""The operator sees how the desensitised store stands; the administrator alone learns whose row one is."""

import pytest

from factories import parties
from finmart.centres.data.desensitised.models import FirmDay
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock

PAGE = "/operator/desensitised/"


@pytest.mark.clause("D2")
def test_the_page_shows_the_store_and_takes_a_reason(client_of):
    firms = [parties.enterprise(Role.ENTERPRISE_CLERK) for _ in range(6)]
    for firm in firms:
        profiles_operations.record_fact(
            parties.SYSTEM, firm.organisation_id, "employees", 12, as_of_on=clock.today(), source="测试"
        )
    operator = parties.operator()
    client = client_of(operator)
    assert "尚未构建" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}build/").status_code == 200
    page = client.get(PAGE).content.decode()
    assert "最小组" in page
    assert "记录理由并识别" not in page
    asked = {"pseudonym": FirmDay.objects.first().pseudonym, "reason": "短"}
    assert client.post(f"{PAGE}reidentify/", {**asked, "reason": "司法协助要求核实该企业身份"}).status_code == 403
    client = client_of(parties.colleague(operator, Role.OPERATOR_ADMINISTRATOR))
    assert "记录理由并识别" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}reidentify/", asked).status_code == 422
    told = client.post(f"{PAGE}reidentify/", {**asked, "reason": "司法协助要求核实该企业身份"}).content.decode()
    names = [one.name for one in parties.queries.organisations([firm.organisation_id for firm in firms])]
    assert sum(f"<strong>{name}</strong>" in told for name in names) == 1
    assert not any(f"<strong>{name}<" in client.get(PAGE).content.decode() for name in names)
