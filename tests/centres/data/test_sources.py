"""Files people bring: judged row by row, stored whole or not at all."""

import datetime as dt
import io
import threading

import polars as pl
import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from factories.sources import HEADINGS, frame_of, invoice_file, sale
from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.models import Invoice, Load
from finmart.centres.data.sources.rules import cleaning, columns
from finmart.centres.data.sources.rules.made_up_codes import is_made_up, made_up_credit_code
from finmart.centres.data.sources.types import SourceFile, UnableToLoad
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit import rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from seen import seen

SYSTEM = Actor.of_system("test")
TODAY = dt.date(2026, 1, 31)
FORMS = ["csv", "bom", "gbk", "xlsx", "parquet"]


@pytest.fixture
def firm(db):
    return parties_operations.register_organisation(
        SYSTEM, kind=OrganisationKind.ENTERPRISE, name="测试企业𠮷", credit_code=made_up_credit_code(90_000_001)
    )


def _clean(*rows, headings=HEADINGS):
    named = columns.with_known_names(
        frame_of(*rows, headings=headings), columns.INVOICE_COLUMNS, cleaning.REQUIRED, file="f"
    ).with_columns(pl.lit("-").alias("enterprise"))
    return cleaning.clean_invoices(named, firms=frozenset({"-"}), today=TODAY)


def _load(firm, *rows, **options):
    return operations.load_invoices(SYSTEM, invoice_file(*rows, **options), organisation_id=firm.id)


@pytest.mark.clause("D1")
@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_stored_from_every_format(firm, form):
    result = _load(firm, sale(), sale(发票号码="2", 金额="-10", 税额="-1.3", 价税合计="-11.3"), form=form)
    assert (result.state, result.invoices, result.report.negative, result.report.rejected) == ("LOADED", 2, 1, 0)
    stored = seen(Invoice).get(number="00000001")
    assert (stored.total_fen, stored.issued_on, stored.counterparty, stored.direction) == (
        113_000, dt.date(2019, 5, 6), "苏州甲公司", "OUT",
    )  # fmt: skip


@pytest.mark.clause("D1")
def test_each_kind_of_row_is_counted_and_treated_as_the_readme_says(firm):
    result = _load(
        firm,
        sale(), sale(), sale(),
        sale(发票号码="2", 发票状态=" 作废发票"),
        sale(发票号码="3", 金额="-1000.00", 税额="-130.00", 价税合计="-1130.00"),
        sale(发票号码="4", 价税合计="1130.02"),
        sale(发票号码="5", 价税合计="1130.01"),
    )  # fmt: skip
    report = result.report
    assert (report.rows, report.duplicates, report.void, report.negative, report.cleaned) == (7, 2, 1, 1, 1)
    assert (report.not_adding_up, report.rejected, result.invoices) == (1, 0, 5)
    assert list(seen(Invoice).filter(is_effective=False).values_list("number", flat=True)) == ["2"]
    assert list(seen(Invoice).filter(adds_up=False).values_list("number", flat=True)) == ["4"]


@pytest.mark.clause("D1")
def test_loading_a_file_twice_stores_nothing_new(firm):
    rows = [sale(), sale(发票号码="2"), sale(发票号码="2", 交易对方="苏州乙公司")]
    assert _load(firm, *rows).invoices == 3
    assert _load(firm, *rows, form="xlsx").invoices == 0
    assert seen(Invoice).count() == 3


@pytest.mark.clause("D1")
def test_an_invoice_voided_in_a_later_file_no_longer_counts(firm):
    _load(firm, sale(), sale(发票号码="2"))
    _load(firm, sale(发票状态="作废发票"))
    _load(firm, sale(), sale(发票号码="2"))
    assert list(seen(Invoice).filter(is_effective=True).values_list("number", flat=True)) == ["2"]


@pytest.mark.parametrize("missing", HEADINGS)
def test_a_missing_column_is_named_and_nothing_changes(firm, missing):
    kept = [h for h in HEADINGS if h != missing]
    row = [v for h, v in zip(HEADINGS, sale(), strict=True) if h != missing]
    with pytest.raises(UnableToLoad) as refused:
        _load(firm, row, headings=kept)
    assert f"缺少列：“{missing}”" in refused.value.message
    assert "没有改动任何数据" in refused.value.remedy
    assert Load.objects.count() == 0


def test_a_cut_off_parquet_is_refused_and_says_what_to_do(firm):
    whole = invoice_file(sale(), form="parquet")
    for kept in (10, len(whole.content) // 2, len(whole.content) - 1):
        with pytest.raises(UnableToLoad, match="不完整"):
            operations.load_invoices(SYSTEM, SourceFile("发票.parquet", whole.content[:kept]), organisation_id=firm.id)
    broken = whole.content[:20] + bytes(len(whole.content) - 40) + whole.content[-20:]
    with pytest.raises(UnableToLoad, match="已损坏"):
        operations.load_invoices(SYSTEM, SourceFile("发票.parquet", broken), organisation_id=firm.id)
    assert (Load.objects.count(), seen(Invoice).count()) == (0, 0)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02\xff\xfe", b"PK\x03\x04 no workbook", b"PAR1", b'a,b\n1,2,3,4\n"', b"\n\n"]
)
@pytest.mark.parametrize("name", ["f.csv", "f.xlsx", "f.parquet"])
def test_what_is_no_table_is_refused_in_one_sentence(firm, name, content):
    with pytest.raises(UnableToLoad) as refused:
        operations.load_invoices(SYSTEM, SourceFile(name, content), organisation_id=firm.id)
    assert refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"开票日期": "2019-13-45"}, "BAD_DATE"),
        ({"开票日期": ""}, "BAD_DATE"),
        ({"开票日期": "43591"}, "BAD_DATE"),
        ({"开票日期": "1900-01-01"}, "DATE_OUT_OF_RANGE"),
        ({"开票日期": "2099-01-01"}, "DATE_OUT_OF_RANGE"),
        ({"金额": "一千"}, "BAD_AMOUNT"),
        ({"金额": ""}, "BAD_AMOUNT"),
        ({"金额": "1000.123456789012"}, "BAD_AMOUNT"),
        ({"金额": "1e30"}, "BAD_AMOUNT"),
        ({"金额": "NaN"}, "BAD_AMOUNT"),
        ({"发票状态": "未知"}, "UNKNOWN_STATUS"),
        ({"方向": "左"}, "UNKNOWN_DIRECTION"),
        ({"发票号码": " "}, "NO_NUMBER"),
        ({"交易对方": ""}, "NO_COUNTERPARTY"),
        ({"交易对方": "长" * 121}, "BAD_TEXT"),
    ],
)
def test_an_unreadable_row_is_rejected_with_its_reason(changes, fault):
    clean = _clean(sale(), sale(**changes))
    assert clean.report.faults == {fault: 1}
    assert clean.report.samples[0].row == 3
    assert clean.kept.height == 1


@pytest.mark.parametrize(
    "text", ["2019-05-06", "2019/5/6", "2019/05/06", "20190506", "2019年5月6日", "2019-05-06 00:00:00"]
)
def test_dates_are_read_as_people_write_them(text):
    assert _clean(sale(开票日期=text)).kept["issued_on"].to_list() == [dt.date(2019, 5, 6)]


@pytest.mark.clause("D1")
def test_a_file_with_too_many_wrong_rows_is_held_whole(firm):
    result = _load(firm, *[sale(发票号码=str(n)) for n in range(10)], sale(开票日期="昨天"))
    assert (result.state, result.invoices) == ("HELD", 0)
    assert "第 12 行：开票日期无法识别" in result.message
    assert seen(Invoice).count() == 0
    assert queries.loads_for(SYSTEM)[0].state_label == "暂存待核"


def test_one_wrong_row_in_many_is_left_out_and_told(firm):
    result = _load(firm, *[sale(发票号码=str(n)) for n in range(30)], sale(开票日期="昨天"))
    assert (result.state, result.invoices, result.report.rejected) == ("LOADED", 30, 1)


def test_a_buyer_column_without_direction_means_sales():
    headings = ["购方名称" if h == "交易对方" else h for h in HEADINGS[:-1]]
    assert _clean(sale()[:-1], headings=headings).kept["direction"].to_list() == ["OUT"]


@given(st.integers(-(10**13), 10**13), st.integers(-2, 2))
@settings(max_examples=100, deadline=None)
def test_money_is_exact_to_the_fen(fen, off):
    def yuan(n):
        return f"{'-' if n < 0 else ''}{abs(n) // 100}.{abs(n) % 100:02d}"

    kept = _clean(sale(金额=yuan(fen), 税额="0", 价税合计=yuan(fen + off))).kept
    assert kept["amount_fen"].to_list() == [fen]
    assert kept["adds_up"].to_list() == [abs(off) <= 1]


@given(st.integers(0, 99_999_999))
def test_made_up_codes_are_valid_in_form_and_marked(number):
    code = made_up_credit_code(number)
    assert uscc.is_valid(code)
    assert is_made_up(code)
    assert code == made_up_credit_code(number)
    assert code[2:4] > "91", "no province has this number"


def test_firms_are_registered_once_and_wrong_codes_are_named(db):
    codes = [made_up_credit_code(90_000_002 + number) for number in range(42)]
    lines = [f"公司{number},{code}" for number, code in enumerate(codes)]
    wrong = f"错,{codes[0][:-1]}I"
    file = SourceFile("企业.csv", "\n".join(["企业名称,统一社会信用代码", lines[0], *lines, wrong]).encode("gbk"))
    first, second = operations.load_firms(SYSTEM, file), operations.load_firms(SYSTEM, file)
    assert (first.new_firms, first.report.duplicates, first.report.faults) == (42, 1, {"BAD_CREDIT_CODE": 1})
    assert second.new_firms == 0


def test_strangers_may_neither_load_nor_see(firm):
    stranger = Actor(person_id=1, organisation_id=firm.id + 1, organisation_kind="ENTERPRISE")
    with pytest.raises(AccessDenied):
        operations.load_invoices(stranger, invoice_file(sale()), organisation_id=firm.id)
    result = _load(firm, sale())
    assert queries.loads_for(stranger) == []
    with pytest.raises(NotFound):
        queries.report_for(stranger, result.uuid)
    own = Actor(person_id=1, organisation_id=firm.id, organisation_kind="ENTERPRISE")
    assert queries.report_for(own, result.uuid)[1].rows == 1


def test_the_invoice_frame_holds_what_was_stored(firm):
    _load(firm, sale(), sale(发票号码="2", 发票状态="作废发票"))
    assert queries.invoice_frame([firm.id]).height == 0, "nobody opened the firm's rows"
    with rowpolicies.upkeep():
        frame = queries.invoice_frame([firm.id])
    assert sorted(frame["is_effective"].to_list()) == [False, True]
    assert frame.schema["issued_on"] == pl.Date
    assert queries.invoice_frame([firm.id + 1]).height == queries.invoice_frame([]).height == 0
    with rowpolicies.upkeep():
        assert queries.latest_invoice_on([firm.id]) == dt.date(2019, 5, 6)


@pytest.mark.parametrize("cell", [[1], {"a": 1}, b"\xff"])
def test_columns_of_odd_types_are_refused(firm, cell):
    target = io.BytesIO()
    frame_of(sale()).with_columns(pl.Series("金额", [cell])).write_parquet(target)
    with pytest.raises(UnableToLoad, match="金额"):
        operations.load_invoices(SYSTEM, SourceFile("f.parquet", target.getvalue()), organisation_id=firm.id)


def test_cells_of_a_workbook_are_read_as_typed(firm):
    target = io.BytesIO()
    typed = frame_of(sale()).with_columns(
        pl.lit(dt.date(2019, 5, 6)).alias("开票日期"), pl.lit(12345678).alias("发票号码"),
        *[pl.lit(value).alias(name) for name, value in (("金额", 1000.1), ("税额", 130.01), ("价税合计", 1130.11))],
    )  # fmt: skip
    typed.write_excel(target)
    operations.load_invoices(SYSTEM, SourceFile("f.xlsx", target.getvalue()), organisation_id=firm.id)
    stored = seen(Invoice).get()
    assert (stored.number, stored.issued_on, stored.total_fen, stored.adds_up) == (
        "12345678", dt.date(2019, 5, 6), 113_011, True,
    )  # fmt: skip


def test_two_loads_at_the_same_time_store_each_row_and_firm_once(committed_database):
    codes = [made_up_credit_code(number) for number in range(30)]
    lines = "\n".join(["企业名称,统一社会信用代码", *[f"公司{code},{code}" for code in codes]])
    rows = [sale(发票号码=str(number)) for number in range(400)]
    results, failures = [], []

    def load(order):
        try:
            with transaction.atomic():
                operations.load_firms(SYSTEM, SourceFile("企业.csv", lines.encode()))
            found = parties_queries.organisation_by_credit_code(codes[0])
            with transaction.atomic():
                file = invoice_file(*rows[::order])
                results.append(operations.load_invoices(SYSTEM, file, organisation_id=found.id).invoices)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=load, args=(order,)) for order in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sum(results) == seen(Invoice).count() == 400
