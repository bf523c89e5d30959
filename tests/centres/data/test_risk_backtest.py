"""Back-tests on real data: the published result comes out as published, ours beats it without what leaks."""

import json

import pytest
from click.testing import CliRunner

from finmart.config.commands.risk import command

SBA = "sba-california/loans.csv"
KNOWN_AFTERWARDS = {
    "BalanceGross", "ChgOffDate", "ChgOffPrinGr", "DisbursementDate", "DisbursementGross", "MIS_Status", "Recession",
    "RealEstate", "Term", "daysterm", "xx",
}  # fmt: skip


def _backtest(*words):
    return CliRunner().invoke(command, ["backtest", *map(str, words)])


def _told(*words):
    answer = _backtest(*words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


@pytest.mark.clause("D4")
def test_the_published_logit_comes_out_as_published(shared_folder):
    told = _told(
        shared_folder / SBA, "--label", "Default", "--split", "Selected", "--model", "logit",
        "--features", "RealEstate,Portion,Recession", "--despite-leaks",
    )  # fmt: skip
    table = told["confusion"]
    assert (table["tp"], table["fp"], table["fn"], table["tn"]) == (31, 14, 324, 682)
    assert round((table["fp"] + table["fn"]) / told["rows"], 4) == 0.3216
    assert round(told["auc"], 3) == 0.735


@pytest.mark.clause("D4")
def test_the_scorecard_beats_it_with_what_is_known_at_application(shared_folder):
    told = _told(shared_folder / SBA, "--label", "Default", "--split", "Selected")
    assert told["rows"] == 1051
    assert told["auc"] > 0.735
    assert {leak["column"] for leak in told["refused"]} >= KNOWN_AFTERWARDS
    assert not KNOWN_AFTERWARDS & set(told["columns"])


@pytest.mark.clause("D4")
def test_default_is_told_from_raw_invoices_out_of_fold(shared_folder):
    told = _told(shared_folder / "sme-2020")
    assert told["rows"] == 123
    assert told["bads"] == 27
    assert told["auc"] >= 0.87
    assert 0 < told["auc_spread"] < 0.05
    assert sum(told["confusion"][cell] for cell in ("tp", "fp", "fn", "tn")) == 123
    assert not {"rating", "defaulted"} & set(told["columns"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("label,x\n0,1\n0,2\n", ["--label", "label"]),
        ("label,x\n", ["--label", "label"]),
        ("label,x\n0,1\n1,2\n", []),
        ("label,x\n0,1\n1,2\n", ["--label", "y"]),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, content, words):
    (tmp_path / "table.csv").write_text(content, encoding="utf-8")
    answer = _backtest(tmp_path / "table.csv", *words)
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1
    assert "Traceback" not in answer.stderr
