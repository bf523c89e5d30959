"""Files that are not what they should be: each is told in one sentence, changes nothing, and loses nothing."""

import codecs

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from factories import parties as people
from factories.sources import HEADINGS, frame_of, invoice_file, sale
from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.models import HeldFile, Invoice, Load
from finmart.centres.data.sources.rules import reading
from finmart.centres.data.sources.types import SourceFile, UnableToLoad, UnableToSettle
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from seen import seen

pytestmark = pytest.mark.clause("D1")
SYSTEM = Actor.of_system("test")
TEXTS = frame_of(*(sale(发票号码=str(n), 交易对方=f"苏州{n}号公司") for n in range(1, 9))).write_csv()
ROWS = TEXTS.splitlines()
TOTAL_LAST = ["发票号码", "开票日期", "交易对方", "金额", "税额", "发票状态", "方向", "价税合计"]


@pytest.fixture
def firm(db):
    return people.enterprise(name="吴门精工")


def _load(firm, file):
    with transactions.opened():
        return operations.load_invoices(SYSTEM, file, organisation_id=firm.organisation_id)


def _bad_file():
    return invoice_file(*(sale(发票号码=str(n)) for n in range(18)), sale(开票日期="改天"), sale(开票日期="2099-01-01"))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, len(ROWS) - 1), min_size=1), st.booleans())
def test_a_file_of_two_encodings_is_refused_and_names_the_row(rows, is_marked):
    content = b"\n".join(row.encode("gb18030" if n in rows else "utf-8") for n, row in enumerate(ROWS))
    file = SourceFile("混.csv", (codecs.BOM_UTF8 if is_marked else b"") + content)
    with pytest.raises(UnableToLoad) as refused:
        reading.table_of(file)
    assert refused.value.message == (
        f"文件 混.csv 混用了不同的编码：大体是 UTF-8，第 {min(rows) + 1} 行是GB18030（GBK）编码"
    )
    assert refused.value.remedy.endswith("本次没有改动任何数据")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="gb18030", exclude_characters='\r\n\x00,;\t"'), min_size=1), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_a_file_of_one_encoding_reads_as_it_was_written(words, encoding):
    text = "\n".join(["名称,数"] + [f"公司{word},1" for word in words]) + "\n"
    wanted = text.replace("\ufeff", "")
    assert reading.decoded(SourceFile("a.csv", text.encode(encoding))) == wanted


def test_marks_inside_joined_files_do_not_hurt():
    joined = codecs.BOM_UTF8 + b"a,b\n1,2\n" + codecs.BOM_UTF8 + b"3,4\n"
    assert reading.table_of(SourceFile("a.csv", joined)).rows() == [("1", "2"), ("3", "4")]


def test_bytes_that_are_no_text_at_all_are_refused():
    for content in (b"a,b\n\xff\xff,1\n", "公司,1\n".encode() + b"\xff\xff\xff,2\n", b"a\x00b\n"):
        with pytest.raises(UnableToLoad, match=r"混用了不同的编码|不是文本"):
            reading.table_of(SourceFile("a.csv", content))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(1, 10_000),
    last=st.sampled_from([HEADINGS, TOTAL_LAST]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_half_a_file_stores_nothing_wrong_and_the_whole_one_adds_what_was_missing(firm, cut, last, encoding):
    whole = frame_of(*(sale(发票号码=str(n), 价税合计="1130.00") for n in range(1, 6))).select(last).write_csv()
    content = whole.encode(encoding)
    half = SourceFile("半.csv", content[: cut % len(content)])
    with transaction.atomic():
        _check_half_and_whole(firm, half, SourceFile("全.csv", content))
        transaction.set_rollback(True)


def _check_half_and_whole(firm, half, whole):
    try:
        stored = _load(firm, half).invoices
    except UnableToLoad:
        stored = 0
        assert not Load.objects.exists()
    kept = seen(Invoice).all()
    assert kept.count() == stored
    assert set(kept.values_list("number", flat=True)) <= {str(n) for n in range(1, 6)}
    assert not kept.exclude(total_fen=113_000, adds_up=True, counterparty="苏州甲公司").exists()
    assert _load(firm, whole).invoices == 5 - stored
    assert seen(Invoice).count() == 5


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (lambda text: text.encode()[:-2], "第 9 行的一个字中间断开"),
        (lambda text: text.encode("gb18030")[:-2], "第 9 行的一个字中间断开"),
        (lambda text: text.rsplit(",", 4)[0].encode(), "只有 4 列，应有 8 列"),
        (lambda text: (text + '"9,').encode(), "引号没有成对"),
        (lambda text: text.rsplit(",", 1)[0].encode() + b",", "读不全"),
    ],
)
def test_a_file_that_was_cut_off_says_where(firm, cut, said):
    with pytest.raises(UnableToLoad, match=said) as refused:
        _load(firm, SourceFile("断.csv", cut(TEXTS)))
    assert "可能没有传完" in refused.value.message
    assert not Load.objects.exists()


def test_names_of_ten_thousand_characters_are_rejected_row_by_row_never_shortened(firm):
    long = "苏" * 10_000
    result = _load(firm, invoice_file(sale(交易对方=long), *(sale(发票号码=str(n)) for n in range(2, 40))))
    assert result.report.faults == {"BAD_TEXT": 1}
    assert seen(Invoice).count() == 38
    assert not seen(Invoice).filter(counterparty__startswith="苏苏").exists()
    listed = f"企业名称,统一社会信用代码\n{long},91320594MA1MYCODE5\n".encode()
    held = operations.load_firms(SYSTEM, SourceFile("名单.csv", listed))
    assert (held.state, held.report.faults) == ("HELD", {"BAD_TEXT": 1})
    coded = f"企业代号,企业名称,信誉评级,是否违约\nE1,{long},A,否\n".encode()
    with pytest.raises(UnableToLoad, match="E1"):
        queries.read_sme_2020(enterprises=SourceFile("e.csv", coded), invoices=invoice_file(sale()))


def test_the_same_file_again_says_so_and_adds_nothing(firm):
    file = invoice_file(sale(), sale(发票号码="2"))
    assert _load(firm, file).message == ""
    again = _load(firm, file)
    assert again.invoices == 0
    assert "完全相同，没有新增数据" in again.message
    assert "此前都已入库" in _load(firm, invoice_file(sale())).message


def test_a_poor_file_is_held_once_and_waits_for_a_person(firm):
    operator, file = people.operator(), _bad_file()
    held = _load(firm, file)
    assert held.state == "HELD"
    assert seen(Invoice).count() == 0
    with pytest.raises(UnableToLoad, match="已暂存待核"):
        _load(firm, file)
    (waiting,) = queries.held_loads_for(operator)
    assert waiting.firm_name == "吴门精工"
    assert waiting.may_settle
    assert dict(waiting.faults) == {"开票日期无法识别": 1, "开票日期早于 1994 年或晚于今天": 1}
    for asked in (firm, SYSTEM):
        with pytest.raises(AccessDenied):
            operations.release_load(asked, held.uuid, "已核对原件无误")
    with pytest.raises(AccessDenied):
        queries.held_loads_for(firm)
    with pytest.raises(UnableToSettle, match="理由"):
        operations.release_load(operator, held.uuid, "好")
    assert HeldFile.objects.count() == 1


def test_releasing_stores_the_sound_rows_with_the_reason_and_computes(firm):
    operator = people.operator()
    held = _load(firm, _bad_file())
    result = operations.release_load(operator, held.uuid, "已与企业核对，两行系录入错误")
    assert (result.state, result.invoices, result.report.rejected) == ("LOADED", 18, 2)
    assert seen(Invoice).filter(load__uuid=held.uuid).count() == 18
    assert HeldFile.objects.count() == 0
    settled = queries.held_load_for(operator, held.uuid)
    assert (settled.settled_by, settled.settle_reason) == (operator.person_name, "已与企业核对，两行系录入错误")
    assert not settled.may_settle
    names = {job.task_name for job in ProcrastinateJob.objects.all()}
    assert {"profiles:compute", "quality:run_after_load"} <= names
    with pytest.raises(UnableToSettle, match="已处理"):
        operations.refuse_load(operator, held.uuid, "再拒收一次试试")


def test_refusing_keeps_the_report_and_removes_the_bytes(firm):
    operator = people.operator()
    held = _load(firm, _bad_file())
    operations.refuse_load(operator, held.uuid, "来源不明，请重新导出")
    row, report = queries.report_for(operator, held.uuid)
    assert (row.state_label, report.rejected) == ("已拒收", 2)
    assert (seen(Invoice).count(), HeldFile.objects.count()) == (0, 0)
    assert _load(firm, _bad_file()).state == "HELD"
    with pytest.raises(NotFound):
        queries.held_load_for(operator, _load(firm, invoice_file(sale())).uuid)


def test_a_held_list_of_firms_and_a_held_file_of_many_are_released_too(firm):
    operator = people.operator()
    listed = operations.load_firms(
        SYSTEM, SourceFile("名单.csv", "企业名称,统一社会信用代码\n甲,91320594MA1MYCODE5\n".encode())
    )
    assert operations.release_load(operator, listed.uuid, "仅此一行，照录").new_firms == 0
    code = parties_queries.organisation(firm.organisation_id).credit_code
    rows = [[*sale(发票号码=str(n)), code] for n in range(3)] + [[*sale(), "无此企业"]]
    many = operations.load_invoices_of_many(SYSTEM, invoice_file(*rows, headings=[*HEADINGS, "企业"]))
    assert many.state == "HELD"
    assert operations.release_load(operator, many.uuid, "未登记企业一行不录").invoices == 3
