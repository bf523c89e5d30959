"""How good warnings were on history: by the document, at the month they were known, and on the real folder."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from finmart.centres.governance.warnings.rules import alert_quality
from finmart.centres.governance.warnings.types import Grade
from finmart.config.commands import risk, session
from finmart.config.places import CHECKOUT

DOCUMENT = Path(CHECKOUT) / "docs/algorithms/warnings.md"
HALF = Decimal("0.5")
FIRMS = {
    "甲": [10] * 12 + [10, 4, 0, 0, 0, 0] + [10] * 12,
    "乙": [10] * 12 + [4, 4, 4, 4, 0, 0, 0] + [10] * 12,
}


def _months(sales):
    return [(f"m{place}", fen) for place, fen in enumerate(sales)]


def _documented():
    table = DOCUMENT.read_text(encoding="utf-8").split("## A worked table")[1]
    return [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"][2:]


@pytest.mark.clause("D5")
@pytest.mark.parametrize("row", _documented(), ids=lambda row: row[0])
def test_the_worked_table_is_what_the_code_computes(row):
    firm, warned, stop, late, hit = row
    months = _months(FIRMS[firm])
    assert alert_quality.alerts_of(months, HALF)[0] == int(warned)
    assert alert_quality.stops_of(months)[0][0] == int(stop)
    found = alert_quality.of_stops({firm: months}, Grade.YELLOW, HALF)
    assert (found.late > 0, found.hits > 0) == (late == "yes", hit == "yes")


def test_both_firms_together():
    found = alert_quality.of_stops({firm: _months(sales) for firm, sales in FIRMS.items()}, Grade.YELLOW, HALF)
    assert (found.alerts, found.hits, found.late) == (2, 1, 1)
    assert (found.events, found.found, found.lead_months) == (1, 1, 2)
    assert (found.precision, found.recall, found.base_rate) == (0.5, 1, 1)
    default = alert_quality.of_defaults(
        {firm: _months(sales) for firm, sales in FIRMS.items()}, {"甲": True, "乙": None}, Grade.RED, HALF
    )
    assert (default.firms, default.alerts, default.recall, default.lead_months) == (1, 1, 1, None)
    nothing = alert_quality.of_stops({}, Grade.RED, HALF)
    assert (nothing.precision, nothing.recall, nothing.base_rate) == (None, None, None)


@given(st.lists(st.sampled_from([0, 0, 1, 5, 10]), max_size=48), st.lists(st.sampled_from([0, 10]), max_size=12))
def test_what_comes_later_changes_no_warning_of_before(sales, later):
    before = alert_quality.alerts_of(_months(sales), HALF)
    after = alert_quality.alerts_of(_months(sales + later), HALF)
    assert [place for place in after if place < len(sales)] == before


@pytest.mark.clause("D5")
def test_on_the_real_folder(shared_folder, committed_database, monkeypatch, tmp_path):
    from contextlib import nullcontext

    monkeypatch.setattr(session, "platform", nullcontext)
    result = CliRunner().invoke(risk.command, ["warnings", str(shared_folder / "sme-2020"), "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    assert [(row["outcome"], row["grade"]) for row in rows] == [
        (outcome, grade) for outcome in ("SALES_STOP", "DEFAULT") for grade in ("RED", "ORANGE", "YELLOW", "BLUE")
    ]
    for row in rows:
        assert row["hits"] + row["late"] <= row["alerts"]
        assert row["found"] <= row["events"]
    assert {(row["firms"], row["events"]) for row in rows[4:]} == {(123, 27)}
    assert [row["recall"] for row in rows[4:]] == sorted(row["recall"] for row in rows[4:])
    missing = CliRunner().invoke(risk.command, ["warnings", str(tmp_path)])
    assert missing.exit_code == 1
    assert "读不到文件" in missing.output
