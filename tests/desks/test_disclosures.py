"""The ledger and the operator's purposes on screen: own lines only, filters, CSV, bases (clause F2)."""

import csv
import datetime as dt
import io

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from factories import parties
from factories.consents import consent
from factories.profiles import facts
from finmart.centres.data.consents import operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import ConsentRequired, LedgerFilter, Purpose
from finmart.centres.data.profiles import queries
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock

pytestmark = [pytest.mark.clause("F2"), pytest.mark.django_db]


def _client(actor):
    client = Client()
    client.force_login(
        get_user_model().objects.get(pk=actor.person_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def read():
    """A firm, and a bank with a name like a formula that read its facts thirty times and was refused once."""
    firm, bank = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON), parties.bank(name="=1+1银行")
    facts(firm.organisation_id, employees=12)
    consent(firm, bank, "employees")
    for _ in range(30):
        queries.facts_for(bank, firm.organisation_id, Purpose.LOAN_REVIEW)
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, Purpose.AFTER_LOAN)
    return firm, bank


def test_the_firm_finds_filters_and_takes_away_who_saw_what(read):
    firm, bank = read
    client = _client(firm)
    first = client.get("/desk/ledger/").text
    assert "从业人数" in first
    assert "page=2" in first
    refused = client.get("/desk/ledger/", {"outcome": "REFUSED", "recipient": bank.organisation_name})
    assert refused.status_code == 200
    assert "企业没有授权" in refused.text
    assert "从业人数" not in refused.text.split("<tbody>")[1]
    answer = client.get("/desk/ledger/export/", {"purpose": "LOAN_REVIEW"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 31
    assert rows[1][1] == "'=1+1银行"
    assert rows[1][5] == "从业人数"
    assert Entry.objects.filter(tag="consents:ledger:export", organisation_id=firm.organisation_id).count() == 1
    assert client.get("/desk/ledger/", {"since": "不是日期"}).status_code == 422
    assert client.get("/desk/ledger/export/", {"since": "不是日期"}).status_code == 422


def test_nobody_sees_others_lines(read):
    firm, bank = read
    assert bank.organisation_name not in _client(parties.enterprise()).get("/desk/ledger/").text
    assert firm.organisation_name not in _client(parties.bank()).get("/desk/ledger/").text
    assert consents_queries.ledger_for(parties.bank(), LedgerFilter()).total == 0
    assert consents_queries.ledger_for(parties.person(), LedgerFilter()).total == 0
    assert consents_queries.ledger_for(bank, LedgerFilter()).total == 31
    assert _client(parties.person()).get("/desk/ledger/").status_code == 403
    assert Client().get("/desk/ledger/").status_code == 302
    assert "=1+1银行" in _client(parties.operator()).get("/desk/ledger/").text


def test_a_firm_sees_reads_of_all_firms_too_and_days_bound_the_list(read):
    firm, _ = read
    operations.disclose_population(parties.operator(), purpose=Purpose.STATISTICS, fact_types=["employees"])
    found = consents_queries.ledger_for(firm, LedgerFilter(purpose="STATISTICS"))
    assert [row.subject_id for row in found.rows] == [None]
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert consents_queries.ledger_for(firm, LedgerFilter(since=tomorrow)).total == 0
    assert consents_queries.ledger_for(firm, LedgerFilter(until=clock.today())).total == 32
    assert consents_queries.ledger_for(firm, LedgerFilter(), page=99).page == 2


def test_the_operators_basis_runs_out_and_is_renewed_by_its_administrator():
    operator, administrator = parties.operator(), parties.operator(Role.OPERATOR_ADMINISTRATOR)
    client = _client(administrator)
    sheet = {"basis": "市局委托开展风险监测", "source": "委托书〔示例〕1号"}
    assert client.post("/operator/purposes/WARNING/", {**sheet, "valid_to": "2020-01-01"}).status_code == 422
    until = clock.today() + dt.timedelta(days=10)
    assert client.post("/operator/purposes/WARNING/", {**sheet, "valid_to": until.isoformat()}).status_code == 302
    assert operations.disclose_population(operator, purpose=Purpose.WARNING, fact_types=["employees"])
    with clock.moved_to(clock.now() + dt.timedelta(days=12)):
        with pytest.raises(ConsentRequired):
            operations.disclose_population(operator, purpose=Purpose.WARNING, fact_types=["employees"])
        shown = _client(operator).get("/operator/purposes/").text
        assert "无有效依据" in shown
        assert "市局委托开展风险监测" in shown
    assert _client(operator).post("/operator/purposes/WARNING/", sheet).status_code == 403
    assert client.get("/operator/purposes/LOAN_REVIEW/").status_code == 404
    assert _client(parties.bank()).get("/operator/purposes/").status_code == 403
