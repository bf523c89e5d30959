"""The officer who answers for data protection reads what is stored and how sensitive it is."""

import json

import pytest
from click.testing import CliRunner

from factories import parties
from finmart.config import commands
from finmart.kit import grades


@pytest.mark.clause("D2")
def test_the_page_shows_the_catalogue_from_a_grade_on(client_of):
    client = client_of(parties.operator())
    page = client.get("/operator/grades/?grade=4").content.decode()
    assert "funds_payee.account_number" in page
    assert "funds_payee.bank_name" not in page
    assert "谁看到多少" in page
    assert "脱敏，可申请显示" in page
    assert "funds_payee.bank_name" in client.get("/operator/grades/?grade=1&q=funds_payee").content.decode()
    assert "没有符合条件的字段" in client.get("/operator/grades/?q=无此表").content.decode()
    assert client.get("/operator/grades/?grade=9").status_code == 200


@pytest.mark.clause("D2")
def test_the_command_prints_the_same_rows():
    told = CliRunner().invoke(commands.main, ["grades", "--json"])
    rows = json.loads(told.stdout)
    assert told.exit_code == 0
    assert len(rows) == len(grades.catalogue())
    assert {"grade": 4, "class": "C2", "shape": "ACCOUNT"}.items() <= next(
        row for row in rows if row["holder"] == "funds_payee" and row["name"] == "account_number"
    ).items()
    assert "账号" in CliRunner().invoke(commands.main, ["grades", "--grade", "4"]).stdout
