"""Contagion: equal to the reference for every shock, by the document, and clear about bad tables."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from finmart.centres.data.risk import queries
from finmart.centres.data.risk.types import ExposureNetwork, SpreadMethod, UnableToSpread
from finmart.config.commands import risk
from finmart.config.places import CHECKOUT

DOCUMENT = Path(CHECKOUT) / "docs/algorithms/contagion.md"
COLUMNS = ["scenario", "original_stress", "additional_stress", "original_losses", "additional_losses",
           "additional_defaults"]  # fmt: skip
EXPOSURES = pl.DataFrame({"": list("ABCD"), "A": [0, 4, 5, 0], "B": [0, 0, 0, 6], "C": [0, 4, 0, 2], "D": [3, 0, 0, 0]})
BALANCES = pl.DataFrame({"name": list("ABCD"), "buffer": [10, 8, 5, 20], "weights": [40, 20, 10, 30]})


def _run(*words):
    return CliRunner().invoke(risk.command, ["contagion", *map(str, words)])


@pytest.mark.clause("D5")
@pytest.mark.parametrize("method", ["threshold", "debtrank"])
def test_every_shock_is_equal_to_the_reference(shared_folder, method):
    folder = shared_folder / "contagion"
    result = _run(folder / "me_mat.csv", folder / "sim_data.csv", "--method", method, "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    reference = pl.read_csv(folder / f"me_{method}_all.csv").to_dicts()
    assert len(rows) == len(reference) == 125
    for row, wanted in zip(rows, reference, strict=True):
        assert list(row) == list(wanted) == COLUMNS
        assert row["scenario"] == wanted["scenario"]
        assert row["additional_defaults"] == wanted["additional_defaults"]
        for column in ("original_stress", "additional_stress"):
            assert row[column] == pytest.approx(wanted[column], rel=0, abs=1e-12)
        for column in ("original_losses", "additional_losses"):
            assert row[column] == pytest.approx(wanted[column], rel=0, abs=1e-9)


def _documented():
    table = DOCUMENT.read_text(encoding="utf-8").split("## A worked table")[1].split("## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return rows[2:]


@pytest.mark.clause("D5")
@pytest.mark.parametrize("row", _documented(), ids=lambda row: "-".join(row[:2]))
def test_the_worked_table_is_what_the_code_computes(row):
    method, scenario, *numbers = row
    found = {one.scenario: one for one in queries.contagion_of(EXPOSURES, BALANCES, SpreadMethod(method))}[scenario]
    computed = [found.original_stress, found.additional_stress, found.original_losses, found.additional_losses]
    assert [f"{value:.4f}" for value in computed] + [str(found.additional_defaults)] == numbers


def test_the_document_shows_every_shock_by_both_methods():
    assert len(_documented()) == 8


def test_the_order_of_the_balances_does_not_matter():
    for method in SpreadMethod:
        straight = queries.contagion_of(EXPOSURES, BALANCES, method)
        assert queries.contagion_of(EXPOSURES, BALANCES.reverse(), method) == straight


def test_when_each_node_fails_is_told():
    network = ExposureNetwork(
        tuple("ABCD"), np.array([1, 2, 1, 3, 3, 0]), np.array([0, 0, 2, 2, 1, 3]), np.array([4.0, 5, 4, 2, 6, 3]),
        np.array([10.0, 8, 5, 20]), np.array([40.0, 20, 10, 30]),
    )  # fmt: skip
    found = queries.shock(network, [0], SpreadMethod.THRESHOLD)
    assert found.failed_in.tolist() == [0, 2, 1, -1]
    assert found.losses.tolist() == [0, 8, 5, 8]
    assert queries.shock(network, [0, 1, 2, 3], SpreadMethod.DEBTRANK).outcome.additional_defaults == 0
    with pytest.raises(UnableToSpread):
        queries.shock(network, [], SpreadMethod.THRESHOLD)


@st.composite
def networks(draw):
    size = draw(st.integers(2, 7))
    cells = draw(st.lists(st.integers(0, 9), min_size=size * size, max_size=size * size))
    matrix = np.array(cells, dtype=float).reshape(size, size)
    np.fill_diagonal(matrix, 0)
    lenders, borrowers = np.nonzero(matrix)
    buffers = np.array(draw(st.lists(st.integers(1, 30), min_size=size, max_size=size)), dtype=float)
    network = ExposureNetwork(
        tuple(map(str, range(size))), lenders, borrowers, matrix[lenders, borrowers], buffers, np.ones(size)
    )
    return network, matrix, draw(st.sets(st.integers(0, size - 1), min_size=1))


@given(networks())
def test_more_failing_at_first_is_never_milder_and_stress_stays_within_bounds(drawn):
    network, _, failing = drawn
    alone = queries.shock(network, [min(failing)], SpreadMethod.THRESHOLD)
    assert (queries.shock(network, failing, SpreadMethod.THRESHOLD).stress >= alone.stress).all()
    for method in SpreadMethod:
        found = queries.shock(network, failing, method)
        assert ((found.stress >= 0) & (found.stress <= 1)).all()
        assert (found.stress[list(failing)] == 1).all()
        assert found.outcome.additional_stress >= -1e-12
        assert found.outcome.additional_defaults == (found.stress == 1).sum() - len(failing)


@given(networks())
def test_threshold_is_the_smallest_set_that_no_one_else_joins(drawn):
    network, matrix, failing = drawn
    found = queries.shock(network, failing, SpreadMethod.THRESHOLD)
    failed = set(failing)
    while more := {
        node for node in range(len(matrix))
        if node not in failed and matrix[node, list(failed)].sum() >= network.buffers[node]
    }:  # fmt: skip
        failed |= more
    assert set(np.flatnonzero(found.failed_in >= 0).tolist()) == failed
    assert found.outcome.additional_losses == matrix[:, sorted(failed)].sum()


MATRIX = ",A,B\nA,0,1\nB,2,0\n"
SHEET = "name,buffer,weights\nA,1,1\nB,1,1\n"


@pytest.mark.parametrize(
    ("matrix", "sheet", "told"),
    [
        (",A,B\nA,0,1\n", SHEET, "不是方阵：1 行 × 2 列"),
        (",A,B\nA,0,1\nB,2,0\nC,0,0\n", SHEET, "不是方阵：3 行 × 2 列"),
        ("A\n", SHEET, "不是方阵"),
        (",A,B\nA,0,-1\nB,2,0\n", SHEET, "敞口不能为负：第 1 行（A）“B”列是 -1"),
        (",A,B\nA,3,1\nB,2,0\n", SHEET, "主体对自己不能有敞口"),
        (",A,B\nA,0,x\nB,2,0\n", SHEET, "“B”列第 1 行不是数字：x"),
        (",A,B\nA,0,\nB,2,0\n", SHEET, "“B”列第 1 行不是数字"),
        (",A,B\nA,0,inf\nB,2,0\n", SHEET, "“B”列第 1 行不是数字：inf"),
        (",A,B\nB,0,1\nA,2,0\n", SHEET, "行名与列名不一致：第 1 行是“B”，第 1 列是“A”"),
        (",A,B\nA,0,1\nC,2,0\n", SHEET, "行名与列名不一致"),
        (MATRIX, "name,buffer,weights\nA,1,1\nC,1,1\n", "名称对不上：余额表没有 B；敞口矩阵没有 C"),
        (MATRIX, "name,buffer,weights\nA,1,1\n", "余额表没有 B"),
        (MATRIX, "name,buffer,weights\nA,1,1\nA,1,1\nB,1,1\n", "余额表的名称重复：A"),
        (MATRIX, "name,buffer\nA,1\nB,1\n", "余额表缺少列：weights"),
        (MATRIX, "name,weights\nA,1\nB,1\n", "余额表缺少列：buffer"),
        (MATRIX, "buffer,weights\n1,1\n1,1\n", "余额表缺少名称列"),
        (MATRIX, "name,buffer,weights\nA,0,1\nB,1,1\n", "资本缓冲（buffer）必须大于零：A"),
        (MATRIX, "name,buffer,weights\nA,,1\nB,1,1\n", "“buffer”列第 1 行不是数字"),
        (MATRIX, "name,buffer,weights\nA,1,-1\nB,1,1\n", "权重（weights）不能为负：A"),
        (MATRIX, "name,buffer,weights\nA,1,0\nB,1,0\n", "权重（weights）合计为零"),
        (",V1,V2\n1,0,1\n2,2,0\n", SHEET, "余额表的名称却不是依次编号的 2 个主体"),
        (",V1,V2\n1,0,1\n2,2,0\n", "name,buffer,weights\nb2,1,1\nb1,1,1\n", "不是依次编号"),
        ("", SHEET, "是空的"),
    ],
)
def test_bad_tables_are_refused_in_one_sentence(tmp_path, matrix, sheet, told):
    (tmp_path / "m.csv").write_text(matrix)
    (tmp_path / "b.csv").write_text(sheet)
    result = _run(tmp_path / "m.csv", tmp_path / "b.csv", "--json")
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_file_that_is_not_there_and_people_read_a_table(tmp_path):
    assert "读不到文件" in _run(tmp_path / "none.csv", tmp_path / "b.csv").output
    (tmp_path / "m.csv").write_bytes("\ufeff,甲,乙\n甲,0,1\n乙,2,0\n".encode())
    (tmp_path / "b.csv").write_bytes("名称,buffer,weights\n甲,1,1\n乙,1,1\n".encode("gb18030"))
    shown = _run(tmp_path / "m.csv", tmp_path / "b.csv")
    assert shown.exit_code == 0
    assert "甲" in shown.stdout
