"""The page on which the operator finds who asks for help."""

import pytest

from factories import parties
from finmart.centres.technical.parties import operations
from finmart.centres.technical.parties.types import Role

PHONE = "13800004321"


@pytest.mark.clause("D2")
def test_the_page_shows_a_masked_name_and_takes_the_number_by_post(client_of):
    clerk = parties.member(parties.organisation(name="苏州求助有限公司"), Role.ENTERPRISE_CLERK, full_name="魏求助")
    operations.change_contact(clerk, phone=PHONE, email="")
    client = client_of(parties.operator())
    told = client.post("/operator/people/", {"reached_by": PHONE})
    assert told.status_code == 200
    text = told.content.decode()
    assert "苏州求助有限公司" in text
    assert "魏*" in text
    assert "魏求助" not in text
    assert client.post("/operator/people/", {"reached_by": ""}).status_code == 422
    assert "没有账号登记" in client.post("/operator/people/", {"reached_by": "13900000000"}).content.decode()
    assert client_of(clerk).post("/operator/people/", {"reached_by": PHONE}).status_code == 403
