"""``finmart import`` for people and machines: JSON alone, one sentence, exit codes that mean something."""

import io
import json
import os
import subprocess
import sys

import polars as pl
import pytest

from factories.sources import invoice_file, sale
from finmart.centres.data.profiles.models import Fact
from finmart.centres.data.sources.models import Invoice, Load
from finmart.centres.data.sources.rules.made_up_codes import made_up_credit_code
from finmart.centres.technical.parties.models import Organisation
from seen import seen

ENTERPRISES = "enterprise,name,rating,defaulted\nE1,***贸易有限公司,A,否\nE2,***贸易有限公司,,\n"


def _finmart(*words):
    command = [sys.executable, "-c", "from finmart.config.commands import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)


@pytest.fixture
def folder(tmp_path):
    """A small folder of the form of sme-2020: 24 sound months of E1, one row twice, one void with a blank."""
    row = ["E1", "1", None, "B1", 100.0, 13.0, 113.0, "有效发票", "out"]
    rows = [[*row[:1], str(m), f"2019-{m:02d}-05", *row[3:]] for m in range(1, 13)]
    rows += [rows[0], [*rows[1][:7], " 作废发票", "in"], [*rows[2][:4], -5.0, -0.65, -5.65, "有效发票", "out"]]
    names = ["enterprise", "invoice_no", "issued_on", "counterparty", "amount", "tax", "total", "status", "direction"]
    frame = pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("issued_on").str.to_date())
    frame.write_parquet(tmp_path / "invoices.parquet")
    (tmp_path / "enterprises.csv").write_text(ENTERPRISES, encoding="utf-8")
    return tmp_path


@pytest.mark.clause("D1")
def test_a_folder_is_loaded_once_and_the_machine_reads_json_alone(committed_database, folder):
    answer = _finmart("import", "sme-invoices", folder, "--json")
    assert answer.returncode == 0, answer.stderr
    first = json.loads(answer.stdout)
    wanted = {"firms": 2, "rows": 15, "invoices": 14, "duplicates": 1, "void": 1, "negative": 1, "cleaned": 1}
    assert wanted.items() <= first.items()
    assert (first["rejected"], first["seconds"] > 0) == (0, True)
    stored = list(seen(Fact).order_by("id").values())
    assert stored
    second = json.loads(_finmart("import", "sme-invoices", folder, "--json").stdout)
    assert (second["invoices"], second["facts"]) == (0, 0)
    assert list(seen(Fact).order_by("id").values()) == stored
    assert Organisation.objects.filter(credit_code__startswith="91992020", is_example=True).count() == 2


def _is_one_sentence(answer, *words):
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    assert all(word in answer.stderr for word in words), answer.stderr


def test_what_is_wrong_with_a_folder_is_one_sentence_and_nothing_changes(committed_database, folder):
    _is_one_sentence(_finmart("import", "sme-invoices", folder / "nowhere", "--json"), "enterprises.csv", "没有改动")
    whole = (folder / "invoices.parquet").read_bytes()
    (folder / "invoices.parquet").write_bytes(whole[: len(whole) // 2])
    _is_one_sentence(
        _finmart("import", "sme-invoices", folder, "--json"), "invoices.parquet 不完整", "请重新", "没有改动"
    )
    pl.read_parquet(io.BytesIO(whole)).drop("issued_on").write_parquet(folder / "invoices.parquet")
    _is_one_sentence(_finmart("import", "sme-invoices", folder, "--json"), "缺少列：“开票日期”", "没有改动")
    assert (seen(Invoice).count(), Organisation.objects.count(), Load.objects.count()) == (0, 0, 0)


def test_a_firm_and_its_own_invoices(committed_database, tmp_path):
    (tmp_path / "firms.csv").write_text("企业名称,统一社会信用代码\n测试,91320594MA1MYCODE\n", encoding="gbk")
    held = _finmart("import", "firms", tmp_path / "firms.csv")
    assert held.returncode == 1
    assert "信用代码不正确" in held.stderr
    code = made_up_credit_code(1)
    (tmp_path / "firms.csv").write_text(f"企业名称,统一社会信用代码\n测试,{code}\n", encoding="gbk")
    assert _finmart("import", "firms", tmp_path / "firms.csv").returncode == 0
    (tmp_path / "invoices.xlsx").write_bytes(invoice_file(sale(), form="xlsx").content)
    own = _finmart("import", "invoices", tmp_path / "invoices.xlsx", "--firm", code, "--json")
    assert json.loads(own.stdout)["invoices"] == 1
    _is_one_sentence(_finmart("import", "invoices", tmp_path / "invoices.xlsx", "--firm", "x"), "没有登记")
    (tmp_path / "wrong.csv").write_bytes(invoice_file(sale(开票日期="2019-13-45")).content)
    held = _finmart("import", "invoices", tmp_path / "wrong.csv", "--firm", code)
    assert held.returncode == 1
    assert "第 2 行：开票日期无法识别" in held.stderr
    assert seen(Invoice).count() == 1
