"""PDFs read back: Chinese text, page numbers, and no value that is ever run as source."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from factories.documents import contract
from finmart.integrations import typst


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_a_contract_is_read_back_with_its_amount_in_capitals_and_its_pages():
    pdf = typst.render("loan_contract_v1", contract())
    text = text_of(pdf)
    assert "壹佰万元整" in text
    assert "苏州示例有限公司" in text
    assert "第1页/共2页" in squeezed(text)
    assert "示例：本合同由示例数据生成" not in text


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")公司',
        "\\#let a\\有限公司",
        '"); #read("/etc/passwd")',
        "$x^2$ *粗* _斜_ <标签> @引用 `代码` // 注释",
        "] 公司 [",
    ],
)
def test_a_name_is_text_and_never_source(name):
    text = text_of(typst.render("loan_contract_v1", contract(borrowers=[{"name": name, "credit_code": "1"}])))
    assert squeezed(name) in squeezed(text)


def test_a_character_the_font_lacks_is_printed_by_its_code():
    text = text_of(typst.render("loan_contract_v1", contract(borrowers=[{"name": "𠮷野家", "credit_code": "1"}])))
    assert "〔U+20BB7〕野家" in squeezed(text)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_makes_a_pdf(text):
    report = {"title": text, "made_on": text, "sections": [{"heading": text, "paragraphs": [text]}]}
    assert typst.render("report", report).startswith(b"%PDF-")


def test_a_report_with_a_long_table_runs_over_pages():
    rows = [[f"企业{number}", f"{number}.00"] for number in range(120)]
    sections = [{"heading": "明细", "columns": ["名称", "金额"], "rows": rows}]
    pdf = typst.render("report", {"title": "月度报告", "made_on": "2026年11月", "sections": sections})
    text = squeezed(text_of(pdf))
    assert "企业119" in text
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 2


def test_an_unknown_template_is_a_mistake():
    with pytest.raises(KeyError):
        typst.render("../secret", {})


def test_a_value_the_template_misses_is_a_render_failure():
    with pytest.raises(typst.RenderFailure):
        typst.render("loan_contract_v1", {})


def test_without_its_font_nothing_is_rendered(monkeypatch, tmp_path):
    from finmart.integrations.typst import client

    monkeypatch.setattr(client, "BUILT_FONTS", tmp_path)
    monkeypatch.setattr(client, "PACKAGE_FONTS", tmp_path)
    client._fonts.cache_clear()
    with pytest.raises(typst.FontsMissing, match="make setup"):
        typst.render("report", {"title": "", "made_on": "", "sections": []})
    client._fonts.cache_clear()
