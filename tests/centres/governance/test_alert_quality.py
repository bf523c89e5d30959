"""How good warnings were on history: by the document, at the month they were known, and on the real folder."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from factories import parties as people
from factories.sources import invoice_file, sale
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.rules import alert_quality
from finmart.centres.governance.warnings.rules.alert_quality import History
from finmart.centres.governance.warnings.types import Grade, SignalCode
from finmart.config.commands import risk, session
from finmart.config.places import CHECKOUT
from finmart.kit.errors import AccessDenied

DOCUMENT = Path(CHECKOUT) / "docs/algorithms/warnings.md"
HALF = Decimal("0.5")
DROP = SignalCode.SALES_DROP
FIRMS = {
    "甲": [10] * 12 + [10, 4, 0, 0, 0, 0] + [10] * 12,
    "乙": [10] * 12 + [4, 4, 4, 4, 0, 0, 0] + [10] * 12,
}


def _months(sales):
    return [(f"m{place}", fen) for place, fen in enumerate(sales)]


def _history(months):
    return History(months, {DROP: alert_quality.values_of(months)})


def _judged(firms):
    histories = {firm: _history(months) for firm, months in firms.items()}
    return alert_quality.of_stops(histories, DROP, Grade.YELLOW, HALF)


def _documented():
    table = DOCUMENT.read_text(encoding="utf-8").split("## A worked table")[1]
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"][2:]


@pytest.mark.clause("D5")
@pytest.mark.parametrize("row", _documented(), ids=lambda row: row[0])
def test_the_worked_table_is_what_the_code_computes(row):
    firm, warned, stop, late, hit = row
    months = _months(FIRMS[firm])
    assert alert_quality.alerts_of(alert_quality.values_of(months), HALF)[0] == int(warned)
    assert alert_quality.stops_of(months)[0][0] == int(stop)
    found = _judged({firm: months})
    assert (found.late > 0, found.hits > 0) == (late == "yes", hit == "yes")


def test_both_firms_together():
    found = _judged({firm: _months(sales) for firm, sales in FIRMS.items()})
    assert (found.alerts, found.hits, found.late) == (2, 1, 1)
    assert (found.events, found.found, found.lead_months) == (1, 1, 2)
    assert (found.precision, found.recall, found.base_rate) == (0.5, 1, 1)
    default = alert_quality.of_defaults(
        {firm: _history(_months(sales)) for firm, sales in FIRMS.items()},
        {"甲": True, "乙": None},
        DROP,
        Grade.RED,
        HALF,
    )
    assert (default.firms, default.alerts, default.recall, default.lead_months) == (1, 1, 1, None)
    nothing = _judged({})
    assert (nothing.precision, nothing.recall, nothing.base_rate) == (None, None, None)


@given(st.lists(st.sampled_from([0, 0, 1, 5, 10]), max_size=48), st.lists(st.sampled_from([0, 10]), max_size=12))
def test_what_comes_later_changes_no_warning_of_before(sales, later):
    before = alert_quality.alerts_of(alert_quality.values_of(_months(sales)), HALF)
    after = alert_quality.alerts_of(alert_quality.values_of(_months(sales + later)), HALF)
    assert [place for place in after if place < len(sales)] == before


@pytest.mark.clause("D5")
def test_on_the_real_folder(shared_folder, committed_database, monkeypatch, tmp_path):
    from contextlib import nullcontext

    monkeypatch.setattr(session, "platform", nullcontext)
    result = CliRunner().invoke(risk.command, ["warnings", str(shared_folder / "sme-2020"), "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    signals = ("SALES_DROP", "CUSTOMER_LOSS", "VOIDED")
    assert [(row["outcome"], row["signal"], row["grade"]) for row in rows] == [
        (outcome, signal, grade)
        for outcome in ("SALES_STOP", "DEFAULT")
        for signal in signals
        for grade in ("RED", "ORANGE", "YELLOW", "BLUE")
    ]
    for row in rows:
        assert row["hits"] + row["late"] <= row["alerts"]
        assert row["found"] <= row["events"]
    assert {(row["firms"], row["events"]) for row in rows[12:]} == {(123, 27)}
    for place in (12, 16, 20):
        recalled = [row["recall"] for row in rows[place : place + 4]]
        assert recalled == sorted(recalled)
    missing = CliRunner().invoke(risk.command, ["warnings", str(tmp_path)])
    assert missing.exit_code == 1
    assert "读不到文件" in missing.output


def test_a_count_is_held_against_a_year_before():
    assert alert_quality.drops_of([None] * 11 + [10] + [9] * 11 + [4]) == [None] * 23 + [Decimal("0.6")]
    assert alert_quality.drops_of([0] * 12 + [5]) == [None] * 13


@pytest.mark.clause("D5")
@pytest.mark.django_db
def test_the_platforms_own_history_is_measured_and_shown():
    operator = people.operator()
    assert queries.measured_for(operator) is None
    firm = people.enterprise()
    rows = [
        sale(
            发票号码=f"{month}{buyer}",
            开票日期=f"{2016 + month // 12}-{month % 12 + 1:02d}-15",
            购方名称=f"客户{buyer}",
        )
        for month in range(40)
        for buyer in range(5 if month < 20 else 1)
        if month < 30 or month > 34
    ]
    sources_operations.load_invoices(people.SYSTEM, invoice_file(*rows), organisation_id=firm.organisation_id)
    with pytest.raises(AccessDenied):
        operations.measure_quality(operator)
    assert operations.measure_quality(people.SYSTEM) == 12
    found = {(row.signal, row.grade): row for row in queries.measured_for(operator).rows}
    lost = found[SignalCode.CUSTOMER_LOSS, Grade.RED]
    assert (lost.firms, lost.outcome.value) == (1, "SALES_STOP")
    assert found[SignalCode.SALES_DROP, Grade.ORANGE].events == 1
    with pytest.raises(AccessDenied):
        queries.measured_for(firm)
