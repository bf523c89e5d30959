"""From a number on the profile to its origin, a dispute of it, and its end; held files on their way."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories import disputes as made
from factories import parties as people
from factories import profiles
from finmart.centres.data.profiles import queries
from finmart.centres.technical.parties import queries as parties_queries

pytestmark = [pytest.mark.clause("D1"), pytest.mark.django_db]
FACT = f"/enterprise/profile/facts/{made.CODE}/"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_firm_follows_a_number_and_disputes_it_with_a_paper(client_of):
    firm, operator = people.enterprise(name="吴门精工"), people.operator()
    profiles.facts(firm.organisation_id, registered_capital_fen=30_000_000)
    client = client_of(firm)
    assert f'href="facts/{made.CODE}/"' in _text(client.get("/enterprise/profile/"))
    shown = _text(client.get(FACT))
    for told in ("30 万元", "样例登记", "提出异议", "征信业管理条例"):
        assert told in shown
    wrong = client.post(FACT, {"reason": "错"})
    assert wrong.status_code == 422
    assert "field-wrong" in _text(wrong)
    exe = SimpleUploadedFile("照.exe", b"MZ\x90\x00" * 40)
    assert client.post(FACT, {"reason": "执照上为五百万元", "file": exe}).status_code == 422
    assert queries.disputes_for(firm) == []
    paper = SimpleUploadedFile("执照.pdf", PDF, "application/pdf")
    assert client.post(FACT, {"reason": "执照上为<b>五百万元</b>", "file": paper}).status_code == 302
    marked = _text(client.get("/enterprise/profile/"))
    assert "有异议" in marked
    (dispute,) = queries.disputes_for(operator)
    assert dispute.document_uuid
    theirs = client_of(operator)
    assert theirs.get(f"/documents/{dispute.document_uuid}/").status_code == 200
    page = _text(theirs.get(f"/operator/disputes/{dispute.uuid}/"))
    for told in ("吴门精工", "&lt;b&gt;五百万元", "更正为（元）", "转供数单位", "30 万元"):
        assert told in page
    assert "吴门精工" in _text(theirs.get("/operator/disputes/"))


def test_the_operator_settles_beside_the_field_and_the_firm_reads_it(client_of):
    firm, operator = people.enterprise(name="吴门精工"), people.operator()
    uuid = made.dispute(firm)
    client, address = client_of(operator), f"/operator/disputes/{uuid}/"
    routed = client.post(f"{address}route/", {"text": "请核对登记档案"})
    assert routed.status_code == 422
    assert "没有可转的供数单位" in _text(routed)
    assert client.post(f"{address}uphold/", {"value": "abc", "reason": "核对执照属实"}).status_code == 422
    assert "尚未更正" in _text(client.post(f"{address}uphold/", {"value": "", "reason": "核对执照属实"}))
    assert client.post(f"{address}uphold/", {"value": "5,000,000", "reason": "核对执照属实"}).status_code == 302
    assert "不予更正并答复" not in _text(client.get(address))
    assert "已更正" in _text(client.get("/operator/disputes/?state=settled"))
    told = _text(client_of(firm).get(FACT))
    for word in ("500 万元", "已更正", "核对执照属实", "30 万元 → 500 万元", "样例登记（异议更正）"):
        assert word in told
    code = parties_queries.organisation(firm.organisation_id).credit_code
    looked = _text(client.get(f"/operator/facts/{code}/{made.CODE}/"))
    assert "历次数值" in looked
    assert client.get(f"/operator/facts/{code}/nothing/").status_code == 404
    assert client_of(firm).get("/enterprise/profile/facts/nothing/").status_code == 404


def test_a_dispute_is_withdrawn(client_of):
    firm = people.enterprise()
    uuid = made.dispute(firm)
    client = client_of(firm)
    assert client.post(f"/enterprise/profile/disputes/{uuid}/withdraw/").status_code == 302
    assert "已撤回" in _text(client.get("/enterprise/profile/disputes/"))


def test_a_held_file_is_released_or_refused_with_a_reason(client_of):
    firm, operator = people.enterprise(name="吴门精工"), people.operator()
    uuid = made.held_load(firm)
    client, address = client_of(operator), f"/operator/held/{uuid}/"
    assert "吴门精工" in _text(client.get("/operator/held/"))
    shown = _text(client.get(address))
    for told in ("开票日期无法识别", "第 3 行", "放行可识别的行"):
        assert told in shown
    wrong = client.post(f"{address}release/", {"reason": "好"})
    assert wrong.status_code == 422
    assert "field-wrong" in _text(wrong)
    assert client.post(f"{address}release/", {"reason": "已与企业核对无误"}).status_code == 302
    assert "已与企业核对无误" in _text(client.get("/operator/held/"))
    assert client.post(f"{address}refuse/", {"reason": "再拒收一次试试"}).status_code == 422
    other = made.held_load(people.enterprise())
    assert client.post(f"/operator/held/{other}/refuse/", {"reason": "来源不明请重新导出"}).status_code == 302
