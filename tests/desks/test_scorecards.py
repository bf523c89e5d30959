"""Model cards over HTTP: read, approved by two, changed by people, printed."""

import io
import re

import pypdf
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from factories import bank_loan, parties
from factories import risk as made
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.risk import queries
from finmart.kit import transactions


def _client(actor):
    client = Client()
    person = get_user_model().objects.get(pk=actor.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def operator(db):
    return parties.operator()


@pytest.fixture
def waiting(db):
    with transactions.opened():
        return made.version()


@pytest.mark.clause("D4")
def test_two_of_the_operator_approve_and_a_bank_then_reads_the_card(operator, waiting):
    bank = _client(parties.bank())
    address = f"/desk/scorecards/{waiting.uuid}/"
    assert bank.get(address).status_code == 404
    assert "还没有模型" in bank.get("/desk/scorecards/").text
    first, second = _client(operator), _client(parties.colleague(operator))
    assert first.post(f"{address}approve/").status_code == 302
    assert "已同意 1 人" in re.sub(r"\s+", " ", first.get("/desk/scorecards/").text)
    assert first.post(f"{address}approve/").status_code == 403
    second.post(f"{address}approve/")
    page = bank.get(address).text
    for told in ("生效中", waiting.sha256, "分值表", "缺失", "机构自主决定", "人工复核"):
        assert told in page
    assert "调整这一列的分值" not in page
    assert "同意</button>" not in page


@pytest.mark.clause("D4")
def test_the_card_as_a_paper_says_the_same(operator, waiting):
    answer = _client(operator).get(f"/desk/scorecards/{waiting.uuid}/paper/")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    text = re.sub(r"\s+", "", text)
    card = queries.card_for(operator, waiting.uuid)
    for told in (waiting.sha256, f"{card.measures['auc']:.4f}", "校准", "缺失", str(card.base), "尚无评分"):
        assert told in text


def test_a_rejection_without_a_reason_is_told_beside_its_field(operator, waiting):
    client = _client(operator)
    address = f"/desk/scorecards/{waiting.uuid}/reject/"
    wrong = client.post(address, {"reason": " "})
    assert (wrong.status_code, "field-wrong" in wrong.text) == (422, True)
    assert client.post(address, {"reason": "样本太旧"}).status_code == 302
    assert client.post(address, {"reason": "再说一次"}).status_code == 403


@pytest.mark.clause("D4")
def test_points_are_changed_as_a_new_version(operator, waiting):
    client = _client(operator)
    part = queries.card_for(operator, waiting.uuid).parts[0]
    address = f"/desk/scorecards/{waiting.uuid}/points/{part.code}/"
    same = {f"bin_{place}": one.points for place, one in enumerate(part.bins)}
    assert all(f'value="{one.points}"' in client.get(address).text for one in part.bins)
    for wrong in ({**same, "reason": "不变"}, {**same, "bin_0": "多"}, {**same, "bin_0": 9999, "reason": "太多"}, {}):
        assert client.post(address, wrong).status_code == 422
    done = client.post(address, {**same, "bin_0": part.bins[0].points - 7, "reason": "近期逾期上升"})
    assert done.status_code == 302
    newest = queries.models_for(operator)[0]
    assert (newest.number, newest.state) == (2, "WAITING")
    assert "近期逾期上升" in client.get(f"/desk/scorecards/{newest.uuid}/").text
    assert client.get(f"/desk/scorecards/{waiting.uuid}/points/nothing/").status_code == 404


@pytest.mark.clause("D4")
def test_bins_and_words_are_changed_on_the_same_page(operator, waiting):
    client = _client(operator)
    code = "sales_volatility"
    page = client.get(f"/desk/scorecards/{waiting.uuid}/points/{code}/").text
    assert all(told in page for told in ("调整分值", "调整分箱", "调整原因用语", "分界点"))
    bins = f"/desk/scorecards/{waiting.uuid}/bins/{code}/"
    for wrong in ({"cuts": "2 1", "reason": "x"}, {"cuts": "多", "reason": "x"}, {"cuts": "1 2"}, {}):
        refused = client.post(bins, wrong)
        assert (refused.status_code, "field-wrong" in refused.text) == (422, True)
    assert client.post(bins, {"cuts": "1 2", "reason": "按行业惯例"}).status_code == 302
    newest = queries.models_for(operator)[0]
    card = client.get(f"/desk/scorecards/{newest.uuid}/").text
    assert "1 至 2" in card
    assert "调整前后" in card
    words = f"/desk/scorecards/{newest.uuid}/reason/{code}/"
    assert client.post(words, {"told": "WORDS", "words": "", "reason": "x"}).status_code == 422
    assert client.post(words, {"told": "WORDS", "words": "销售忽高忽低", "reason": "说人话"}).status_code == 302
    newest = queries.models_for(operator)[0]
    assert (newest.number, "告知企业：销售忽高忽低" in client.get(f"/desk/scorecards/{newest.uuid}/").text) == (3, True)
    paper = client.get(f"/desk/scorecards/{newest.uuid}/paper/").content
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages))
    assert "销售忽高忽低" in text
    assert "调整前" in text


@pytest.mark.clause("D4")
def test_a_firm_reads_its_own_score_with_the_reasons(db):
    own = parties.enterprise()
    assert 'hx-get="/enterprise/profile/standing/"' in _client(own).get("/enterprise/profile/").text
    assert "风险评分" not in _client(own).get("/enterprise/profile/standing/").text
    with transactions.opened():
        told = made.scored(own)
    page = _client(own).get("/enterprise/profile/standing/").text
    assert f"{told.points}（越高风险越低）" in page
    assert all(one.label in page for one in told.reasons)
    assert "人工复核" in page
    assert "风险评分" not in _client(parties.enterprise()).get("/enterprise/profile/standing/").text


@pytest.mark.clause("F2")
def test_a_bank_reads_the_score_of_a_case_under_the_consent_and_the_firm_sees_that_it_did(db):
    with transactions.opened():
        story = next(story for story in [bank_loan.story()] for name in story.steps() if name == "accept")
        told = made.scored(story.cast.legal)
    page = _client(story.cast.bank["manager_a"]).get(f"/institution/cases/{story.application.number}/facts/")
    assert f"{told.points}（越高风险越低）" in page.text
    seen = consents_queries.disclosures_for(story.cast.legal)[0]
    assert set(seen.fact_types) == {"monthly_sales", "monthly_purchases"}
