"""Reading pages as a browser would, and saying in one sentence what is not there."""

import pytest

from finmart.twin.tours import bank_loan
from finmart.twin.tours.pages import Page, UnlikePage, parse
from finmart.twin.tours.records import Record
from finmart.twin.tours.stage import under_way

HTML = """
<!doctype html><title>t</title><main><h1>接受 <b>报价</b></h1><div id="flashes"><p>已 办结</p></div>
<table><thead><tr><th>案件<th>状态</tr></thead><tr><td><a href="/cases/A1/">A1</a></td><td>待办</td></tr></table>
<dl><div><dt>借款金额</dt><dd>1,234,567.80 元<br>大写</dd></div></dl>
<form action="complete/" method="post"><input type="hidden" name="token" value="x">
<input name="amount" value="12.50"><textarea name="opinion">
旧意见</textarea><input type="checkbox" name="read"><input type="checkbox" name="kind" value="a" checked>
<input type="checkbox" name="kind" value="b"><input type="file" name="paper">
<select name="mode"><option value="">请选择</option><option value="S" selected>自主</option></select>
<input name="elsewhere" value="1" form="other">
<input name="closed" value="z" disabled><button name="outcome" value="ACCEPT">接受</button></form>
<p>正在办理：<strong>授信审查</strong>，承办方 贷款银行，自今天起</p>
<p class="form-error"><span>请填写</span></p></main>
"""
PAGE = Page("http://127.0.0.1/items/1/", 200, HTML)


def test_words_links_rows_and_facts():
    assert PAGE.heading == "接受 报价"
    assert PAGE.flash == "已 办结；请填写"
    assert PAGE.link("A1", within=PAGE.row("A1", "待办")) == "http://127.0.0.1/cases/A1/"
    assert bank_loan.fen_in(PAGE.fact("借款金额")) == 123_456_780
    assert under_way(PAGE) == [("授信审查", "贷款银行")]


def test_a_form_sends_what_a_browser_would():
    form = PAGE.form(field="opinion")
    assert form.address == "http://127.0.0.1/items/1/complete/"
    assert form.options("mode") == {"请选择": "", "自主": "S"}
    assert form.filled({}) == {"token": ["x"], "amount": ["12.50"], "opinion": ["旧意见"], "kind": ["a"], "mode": ["S"]}
    sent = form.filled({"read": True, "kind": ["b"], "mode": "", "opinion": "同意"}, button="ACCEPT")
    assert sent["read"] == ["on"]
    assert sent["kind"] == ["b"]
    assert sent["mode"] == [""]
    assert sent["opinion"] == ["同意"]
    assert sent["outcome"] == ["ACCEPT"]


@pytest.mark.parametrize(
    ("values", "button"),
    [({"nothing": "1"}, ""), ({"mode": "X"}, ""), ({"elsewhere": "1"}, ""), ({}, "REFUSE")],
    ids=["field", "choice", "form", "button"],
)
def test_what_is_not_on_the_form_cannot_be_sent(values, button):
    with pytest.raises(UnlikePage):
        PAGE.form(field="opinion").filled(values, button=button)


@pytest.mark.parametrize(
    "look",
    [lambda: PAGE.link("没有"), lambda: PAGE.row("没有"), lambda: PAGE.fact("没有"), lambda: PAGE.form(action="/x/")],
)
def test_what_is_not_on_the_page_is_named(look):
    with pytest.raises(UnlikePage, match="接受 报价"):
        look()


def test_crooked_html_is_read_as_far_as_it_goes():
    assert parse("</p><ul><li>一<li>二</ul><br/><p>三").text == "一 二 三"


def test_a_record_is_ok_only_when_all_of_it_is(tmp_path):
    lines = []
    record = Record(tmp_path / "tour", lines.append)
    for number in range(20):
        record.step("某人", f"第 {number} 步", "做了", page=PAGE)
    record.accounts |= {"a", "b", "c", "d"}
    record.check("账平", ok=True, found="平")
    assert not record.ok
    record.accounts.add("e")
    assert record.ok
    record.check("链整", ok=False, found="断")
    assert not record.ok
    record.see(PAGE)
    record.fail("停了")
    assert record.save().is_file()
    assert len(list((tmp_path / "tour" / "pages").iterdir())) == 21
    assert len(lines) == 23
