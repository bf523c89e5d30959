"""What happens in a case reaches the people it concerns, and nobody else."""

from datetime import timedelta

import pytest

from factories import applications as made
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.applications.types import RefusalReason
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.technical.notices import queries as notices_queries
from finmart.kit import clock
from finmart.kit.actor import Actor


@pytest.fixture
def firm(db):
    return people.enterprise(name="苏州甲科技有限公司")


@pytest.fixture
def banks(db):
    return people.bank(name="苏州乙银行"), people.bank(name="苏州丙银行")


@pytest.fixture
def refs(firm, banks):
    need = made.need(firm)
    return applications_operations.apply(firm, need.uuid, [made.product_of(bank) for bank in banks])


def _titles(actor):
    return [notice.title for notice in notices_queries.notices_for(actor)]


@pytest.mark.clause("D8")
def test_a_bank_hears_of_its_application_only(banks, refs):
    for bank, ref in zip(banks, refs, strict=True):
        notices = notices_queries.notices_for(bank)
        assert [notice.title for notice in notices] == ["收到新的融资申请"]
        assert ref.number in notices[0].body
        assert notices[0].link == f"/cases/{ref.number}/"


@pytest.mark.clause("P3")
def test_a_firm_hears_why_it_was_returned_or_refused(firm, banks, refs):
    applications_operations.return_application(banks[0], refs[0].uuid, reason="缺审计报告")
    applications_operations.refuse(banks[1], refs[1].uuid, RefusalReason.REGION)
    bodies = [notice.body for notice in notices_queries.notices_for(firm)]
    assert any("缺审计报告" in body for body in bodies)
    assert any("经营地不在服务区域" in body for body in bodies)


def test_offers_and_answers_reach_the_other_side(firm, banks, refs):
    offers = [made.offered(bank, ref.uuid) for bank, ref in zip(banks, refs, strict=True)]
    assert _titles(firm) == ["收到融资方案", "收到融资方案"]
    applications_operations.accept_offer(firm, offers[0].uuid)
    assert "企业接受了您的融资方案" in _titles(banks[0])
    told = notices_queries.notices_for(banks[1])[0]
    assert "企业已选择其他方案" in told.body
    assert "乙银行" not in told.body


def test_both_sides_hear_of_an_offer_that_expired(firm, banks, refs):
    made.offered(banks[0], refs[0].uuid)
    with clock.moved_to(clock.now() + timedelta(days=8)):
        applications_operations.expire_offers(Actor.of_system("offers"))
    for actor in (firm, banks[0]):
        assert any("已过有效期" in title for title in _titles(actor))
    assert len(_titles(banks[1])) == 1


def test_a_message_is_announced_without_its_words(firm, banks, refs):
    cases_operations.post_message(firm, refs[0].case_uuid, text="我们的流水是机密")
    told = notices_queries.notices_for(banks[0])[0]
    assert told.title == f"案件 {refs[0].number} 有新消息"
    assert "机密" not in told.title + told.body
    assert told.link.endswith("?tab=messages")
    assert len(_titles(banks[1])) == 1
    assert _titles(firm) == []
