"""The bench says no where it must: unequal answers, a missed mark, an unknown name."""

import json
import random

import pytest
import zen
from bench import matching, network, rows
from bench.__main__ import main
from bench.whole_city import firms, measuring, on_duckdb, on_openfisca

from finmart.kit.criteria import CompiledRules, answer_all


def _row(**changes):
    return rows.Row(**{"work": "w", "ours": 1.0, "peer": 2.0, "ratio": 2.0, "at_least": 2.0, "equal": True, **changes})


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        ({}, True),
        ({"at_least": None, "ratio": None, "peer": None}, True),
        ({"at_least": 2.1}, False),
        ({"ratio": None}, False),
        ({"equal": False}, False),
        ({"equal": False, "at_least": None}, False),
    ],
)
def test_a_row_passes_only_when_equal_and_fast_enough(changes, passes):
    assert _row(**changes).passes is passes


def test_ratios_are_larger_when_better():
    assert rows.Row.of_times("t", 1.0, 3.0, at_least=None, equal=True).ratio == 3.0
    assert rows.Row.of_rates("r", 3.0, 1.0, at_least=None, equal=True).ratio == 3.0


@pytest.mark.parametrize(("equal", "code"), [(True, 0), (False, 1)])
def test_the_command_writes_what_machines_read_and_exits_with_the_answer(monkeypatch, tmp_path, capsys, equal, code):
    monkeypatch.setenv("FINMART_HOME", str(tmp_path))
    monkeypatch.setattr(matching, "measure", lambda: [_row(equal=equal)])
    assert main(["matching"]) == code
    written = json.loads((tmp_path / "bench/matching.json").read_text())
    assert written == {"rows": [{"work": "w", "ours": 1.0, "peer": 2.0, "ratio": 2.0, "at_least": 2.0, "equal": equal}]}
    assert "ratio" in capsys.readouterr().out


def test_an_unknown_bench_is_named_as_such():
    assert main(["nothing"]) == 2
    assert main([]) == 2


@pytest.mark.clause("D7")
@pytest.mark.parametrize("spread", [False, True])
def test_both_sides_of_the_matching_bench_answer_alike_with_and_without_values(spread):
    rule_sets = matching.products(spread=spread)[:300]
    facts = matching.firm(spread=spread)
    chance = random.Random(3)
    for _ in range(5):
        known = {code: value if chance.random() < 0.8 else None for code, value in facts.items()}
        answered = CompiledRules(matching.FIELDS, rule_sets).evaluate(known)
        context = {code: float(value) if hasattr(value, "as_tuple") else value for code, value in known.items()}
        theirs = [zen.compile_expression(matching.expression(rules)).evaluate(context)[::2] for rules in rule_sets]
        assert answered.states.tolist() == [state for answer in theirs for state in answer]


@pytest.mark.clause("D7")
@pytest.mark.parametrize("peer", [on_openfisca.prepared, lambda *given: on_duckdb.prepared(*given, threads=1)])
def test_both_sides_of_the_bench_of_a_city_answer_alike(peer):
    rules, population = firms.rule_sets(60), firms.population(1_000)
    ours, theirs = answer_all(rules, population), peer(rules, population)()
    assert theirs.are(ours)
    assert ours.met_counts.any()
    assert ours.unknown_counts.any()
    theirs.met_counts[3] += 1
    assert not theirs.are(ours)


def test_the_bench_of_a_city_reports_each_peer_and_the_memory(monkeypatch, capsys):
    monkeypatch.setattr(measuring, "FIRMS", 2_000)
    monkeypatch.setattr(measuring, "SIZES", (500, 2_000))
    monkeypatch.setattr(measuring, "PRODUCTS", 20)
    rows_of_city = measuring.measure()
    assert [row.equal for row in rows_of_city] == [True, True, True]
    assert rows_of_city[2].ours > 0
    printed = capsys.readouterr().out
    assert "2,000 firms" in printed
    assert "GB touched" in printed


def test_the_bench_of_the_guarantee_graph_holds_the_two_sides_equal(monkeypatch):
    monkeypatch.setattr(network, "FIRMS", 2_000)
    monkeypatch.setattr(network, "SMALLER", (500,))
    found = network.measure()
    assert len(found) == 7
    assert all(row.equal for row in found)
    assert [row.at_least for row in found if "networkx (s)" in row.work] == [15, 15]
    for ordered in (False, True):
        given = network.ground(2_000, ordered=ordered)
        wrong = network.answer(2_000, [[0, 1]], [])
        assert not network._holds_what_was_planted(given, wrong, ordered=ordered)
