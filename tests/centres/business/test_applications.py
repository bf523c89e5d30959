"""Need → applications → offers → one accepted: who may, who sees, who is faster."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from factories import applications as made
from factories import parties as people
from finmart.centres.business.applications import operations, queries
from finmart.centres.business.applications.events import ApplicationRefused, OfferAccepted
from finmart.centres.business.applications.types import (
    ApplicationsAct,
    ApplicationState,
    NeedDraft,
    NeedState,
    OfferState,
    RefusalReason,
    UnableToRefuse,
    UnableToState,
)
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import UnableToApply
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal

SYSTEM = Actor.of_system("test")


@pytest.fixture
def firm(db):
    return people.enterprise(name="苏州甲科技有限公司")


@pytest.fixture
def banks(db):
    return people.bank(name="苏州乙银行"), people.bank(name="苏州丙银行")


@pytest.fixture
def need(firm):
    return made.need(firm)


@pytest.fixture
def versions(banks):
    return [made.product_of(bank) for bank in banks]


@pytest.fixture
def applied(firm, need, versions):
    return operations.apply(firm, need.uuid, versions)


def _state(actor, ref):
    return queries.application_for(actor, ref.uuid).state


@pytest.mark.clause("B1")
def test_one_need_goes_to_two_banks_in_two_cases(firm, banks, need, applied):
    assert len({ref.number for ref in applied}) == len({ref.case_uuid for ref in applied}) == 2
    assert queries.need_for(firm, need.uuid).applications == 2
    for bank, ref in zip(banks, applied, strict=True):
        mine = queries.applications_for(bank)
        assert [view.uuid for view in mine] == [ref.uuid]
        assert mine[0].need_uuid is None
        assert mine[0].asked == made.TERMS
        assert cases_queries.cases_for(bank).total == 1


def test_competing_banks_never_meet(banks, need, applied):
    one, other = banks
    offer = made.offered(other, applied[1].uuid)
    for ask in (
        lambda: queries.application_for(one, applied[1].uuid),
        lambda: queries.offer_for(one, offer.uuid),
        lambda: queries.need_for(one, need.uuid),
        lambda: queries.offers_for(one, need.uuid),
        lambda: cases_queries.case_for(one, applied[1].number),
        lambda: operations.accept_application(one, applied[1].uuid),
        lambda: operations.accept_offer(one, offer.uuid),
    ):
        with pytest.raises(NotFound):
            ask()
    assert queries.applications_for(one, need_uuid=need.uuid) == []
    assert queries.application_of_case_for(one, applied[1].case_uuid) is None


@pytest.mark.parametrize("stranger", [people.enterprise, people.operator, people.person, Actor.visitor])
def test_strangers_see_nothing(need, applied, stranger):
    who = stranger()
    assert queries.needs_for(who) == queries.applications_for(who) == []
    with pytest.raises(NotFound):
        operations.withdraw(who, applied[0].uuid, reason="试试")
    with pytest.raises(NotFound):
        operations.withdraw_need(people.enterprise(), need.uuid, reason="试试")


def test_only_staff_of_a_firm_with_the_right_role_ask_for_money(firm, banks, need, versions):
    for who in (banks[0], people.operator(), people.person(), Actor.visitor(), SYSTEM):
        with pytest.raises(AccessDenied):
            operations.state_need(who, made.TERMS)
    without_role = replace(firm, roles=frozenset({Role.INSTITUTION_REVIEWER}))
    with pytest.raises(AccessDenied):
        operations.apply(without_role, need.uuid, versions)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_fen": 0}, "amount"),
        ({"amount_fen": -1}, "amount"),
        ({"amount_fen": 10**18}, "amount"),
        ({"amount_fen": 0.000000000001}, "amount"),
        ({"amount_fen": True}, "amount"),
        ({"term_months": 0}, "term_months"),
        ({"term_months": 361}, "term_months"),
        ({"district": "440300"}, "district"),
        ({"purpose_note": "长" * 501}, "purpose_note"),
    ],
)
def test_bad_needs_are_refused_with_their_field(firm, changes, field):
    with pytest.raises(Refusal) as refused:
        operations.state_need(firm, replace(made.TERMS, **changes))
    assert refused.value.field == field
    assert queries.needs_for(firm) == []


def test_a_draft_is_kept_and_stated_once(firm):
    draft = operations.save_draft(firm, NeedDraft(amount_fen=500_000_00))
    assert operations.save_draft(firm, NeedDraft(term_months=6), need_uuid=draft.uuid).number == draft.number
    assert queries.need_for(firm, draft.uuid).amount_fen is None
    with pytest.raises(UnableToState):
        operations.save_draft(firm, NeedDraft(amount_fen=-5), need_uuid=draft.uuid)
    stated = operations.state_need(firm, made.TERMS, draft_uuid=draft.uuid)
    assert (stated.number, stated.state) == (draft.number, NeedState.STATED)
    with pytest.raises(Conflict):
        operations.state_need(firm, made.TERMS, draft_uuid=draft.uuid)


def test_a_draft_cannot_be_applied_with(firm, versions):
    draft = operations.save_draft(firm, NeedDraft())
    with pytest.raises(UnableToApply):
        operations.apply(firm, draft.uuid, versions)


def test_the_same_product_twice_is_a_conflict(firm, need, versions, applied):
    with pytest.raises(Conflict, match="请勿重复提交"):
        operations.apply(firm, need.uuid, versions[:1])
    assert len(queries.applications_for(firm)) == 2
    operations.withdraw(firm, applied[0].uuid, reason="再想想")
    assert operations.apply(firm, need.uuid, versions[:1])


def test_a_product_named_twice_in_one_go_is_a_conflict_and_nothing_is_filed(firm, need, versions):
    with pytest.raises(Conflict, match="请勿重复提交"):
        operations.apply(firm, need.uuid, [versions[0], versions[0]])
    assert queries.applications_for(firm) == []


def test_what_applying_gives_back_is_what_was_filed(firm, banks, need, versions):
    (ref,) = operations.apply(firm, need.uuid, versions[:1])
    filed, product = queries.application_for(firm, ref.uuid), catalogue_queries.version(versions[0])
    assert (ref.organisation_id, ref.institution_id) == (filed.firm.id, filed.institution.id)
    assert (ref.amount_fen, ref.term_months) == (filed.asked.amount_fen, filed.asked.term_months)
    assert (ref.collateral, ref.joint_liability) == (product.terms.collateral, product.terms.joint_liability)


def test_a_product_delisted_since_the_match_is_refused_and_nothing_is_filed(firm, banks, need, versions):
    view = catalogue_queries.version(versions[1])
    catalogue_operations.delist(people.colleague(banks[1], Role.INSTITUTION_ADMINISTRATOR), view.product_uuid, "停办")
    with pytest.raises(UnableToApply), transaction.atomic():
        operations.apply(firm, need.uuid, versions)
    assert queries.applications_for(firm) == []
    assert cases_queries.cases_for(firm).total == 0


def test_a_need_under_way_is_not_revised(firm, need, versions):
    assert operations.revise_need(firm, need.uuid, replace(made.TERMS, term_months=24))
    assert ApplicationsAct.NEED_REVISE in queries.need_for(firm, need.uuid).acts
    operations.apply(firm, need.uuid, versions)
    assert ApplicationsAct.NEED_REVISE not in queries.need_for(firm, need.uuid).acts
    with pytest.raises(UnableToState):
        operations.revise_need(firm, need.uuid, made.TERMS)


def test_withdrawing_a_need_withdraws_its_applications(firm, banks, need, applied):
    made.offered(banks[0], applied[0].uuid)
    operations.withdraw_need(firm, need.uuid, reason="资金已解决")
    for bank, ref in zip(banks, applied, strict=True):
        view = queries.application_for(bank, ref.uuid)
        assert view.state == ApplicationState.WITHDRAWN
        assert "资金已解决" in view.reason
        assert cases_queries.case_for(bank, ref.number).ref.state == "CLOSED"
    with pytest.raises(Conflict):
        operations.withdraw_need(firm, need.uuid, reason="再次")


@pytest.mark.clause("B6")
def test_returned_completed_and_accepted(firm, banks, applied):
    bank, ref = banks[0], applied[0]
    operations.return_application(bank, ref.uuid, reason="缺 2019 年审计报告")
    assert queries.application_for(firm, ref.uuid).reason == "缺 2019 年审计报告"
    assert ApplicationsAct.APPLICATION_RESUBMIT in queries.application_for(firm, ref.uuid).acts
    operations.resubmit(firm, ref.uuid, explanation="已补交")
    operations.accept_application(bank, ref.uuid)
    with pytest.raises(Conflict):
        operations.accept_application(people.colleague(bank), ref.uuid)
    texts = [line.text for line in cases_queries.timeline_for(firm, ref.number)]
    assert texts[:3] == ["申请已受理", "企业已补正并重新提交：已补交", "退回企业补正：缺 2019 年审计报告"]


def test_taking_up_accepts_and_begins_the_review_once(firm, banks, applied):
    bank, ref = banks[0], applied[0]
    with pytest.raises(AccessDenied):
        operations.take_up(firm, ref.uuid)
    assert queries.state_for(firm, ref.uuid) == ApplicationState.SUBMITTED
    for _ in range(2):
        operations.take_up(bank, ref.uuid)
        assert queries.state_for(firm, ref.uuid) == ApplicationState.IN_REVIEW
    texts = [line.text for line in cases_queries.timeline_for(firm, ref.number)]
    assert texts[:2] == ["进入尽调与审查审批", "申请已受理"]
    assert texts.count("申请已受理") == 1
    with pytest.raises(NotFound):
        queries.state_for(banks[1], ref.uuid)


@pytest.mark.clause("P3")
def test_a_refusal_always_carries_a_reason(firm, banks, applied, monkeypatch):
    heard = []
    monkeypatch.setitem(events._reactions, ApplicationRefused, [heard.append])
    for reason, explanation in (("", ""), ("BECAUSE", ""), (RefusalReason.OTHER, " ")):
        with pytest.raises(UnableToRefuse):
            operations.refuse(banks[0], applied[0].uuid, reason, explanation=explanation)
    operations.refuse(banks[0], applied[0].uuid, RefusalReason.CASH_FLOW, explanation="近三月销售下降")
    view = queries.application_for(firm, applied[0].uuid)
    assert (view.state, view.refusal_reason) == (ApplicationState.REFUSED, RefusalReason.CASH_FLOW)
    assert view.reason == "经营现金流不足以还款（近三月销售下降）"
    assert [event.reason for event in heard] == [view.reason]
    assert any(view.reason in line.text for line in cases_queries.timeline_for(firm, applied[0].number))
    assert queries.counts_for(people.operator()).by_reason == {"CASH_FLOW": 1}
    assert _state(firm, applied[1]) == ApplicationState.SUBMITTED


def test_the_firm_does_not_act_as_the_bank_nor_the_bank_as_the_firm(firm, banks, applied):
    offer = made.offered(banks[1], applied[1].uuid)
    for act in (
        lambda: operations.accept_application(firm, applied[0].uuid),
        lambda: operations.refuse(firm, applied[0].uuid, RefusalReason.REGION),
        lambda: operations.make_offer(firm, applied[0].uuid, made.offer_terms()),
        lambda: operations.withdraw(banks[0], applied[0].uuid, reason="试试"),
        lambda: operations.accept_offer(banks[1], offer.uuid),
        lambda: operations.decline_offer(banks[1], offer.uuid, reason="试试"),
        lambda: operations.expire_offers(firm),
        lambda: queries.counts_for(firm),
    ):
        with pytest.raises(AccessDenied):
            act()


@pytest.mark.clause("B1")
def test_accepting_one_offer_answers_all_others_with_the_reason(firm, banks, need, versions, monkeypatch):
    heard = []
    monkeypatch.setitem(events._reactions, OfferAccepted, [heard.append])
    third = people.bank()
    refs = operations.apply(firm, need.uuid, [*versions, made.product_of(third)])
    offers = [made.offered(bank, ref.uuid) for bank, ref in zip(banks, refs, strict=False)]
    assert [view.uuid for view in queries.offers_for(firm, need.uuid)] == [offer.uuid for offer in offers]
    operations.accept_offer(firm, offers[0].uuid)
    assert [_state(firm, ref) for ref in refs] == ["OFFER_ACCEPTED", "DECLINED", "WITHDRAWN"]
    assert {queries.application_for(firm, ref.uuid).reason for ref in refs[1:]} == {"企业已选择其他方案"}
    assert [view.uuid for view in queries.offers_for(firm, need.uuid)] == [offers[0].uuid]
    assert [event.number for event in heard] == [refs[0].number]
    with pytest.raises(Conflict):
        operations.accept_offer(firm, offers[0].uuid)
    with pytest.raises(Conflict):
        operations.accept_offer(firm, offers[1].uuid)
    with pytest.raises(UnableToApply):
        operations.apply(firm, need.uuid, versions)
    with pytest.raises(UnableToState):
        operations.withdraw_need(firm, need.uuid, reason="晚了")


@pytest.mark.clause("B1")
def test_two_people_accept_two_offers_at_once_and_one_wins(committed_database):
    with transaction.atomic():
        firm, banks = people.enterprise(), [people.bank(), people.bank()]
        colleague = people.colleague(firm)
        need = made.need(firm)
        refs = operations.apply(firm, need.uuid, [made.product_of(bank) for bank in banks])
        offers = [made.offered(bank, ref.uuid) for bank, ref in zip(banks, refs, strict=True)]
    barrier = Barrier(2)

    def accept(who, offer):
        try:
            with transaction.atomic():
                barrier.wait()
                operations.accept_offer(who, offer.uuid)
        except Conflict:
            return "too late"
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(accept, [firm, colleague], offers))
    assert outcomes == ["too late", "won"]
    assert sorted(_state(firm, ref) for ref in refs) == ["DECLINED", "OFFER_ACCEPTED"]


def test_a_double_click_files_one_application(committed_database):
    with transaction.atomic():
        firm = people.enterprise()
        need, version = made.need(firm), made.product_of(people.bank())
    barrier = Barrier(2)

    def click(_):
        try:
            with transaction.atomic():
                barrier.wait()
                operations.apply(firm, need.uuid, [version])
        except Conflict:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(click, range(2))) == 1
    assert len(queries.applications_for(firm)) == cases_queries.cases_for(firm).total == 1


def test_an_offer_too_old_is_not_accepted_and_expires_by_itself(firm, banks, need, applied):
    offer = made.offered(banks[0], applied[0].uuid)
    with clock.moved_to(clock.now() + timedelta(days=8)):
        assert queries.offer_for(firm, offer.uuid).acts == frozenset()
        with pytest.raises(Conflict, match="有效期"):
            operations.accept_offer(firm, offer.uuid)
        assert operations.expire_offers(SYSTEM) == 1
        assert operations.expire_offers(SYSTEM) == 0
    assert queries.offer_for(firm, offer.uuid).state == OfferState.EXPIRED
    assert _state(firm, applied[0]) == ApplicationState.IN_REVIEW
    assert queries.offers_for(firm, need.uuid) == []


def test_a_new_offer_supersedes_the_open_one(firm, banks, need, applied):
    first = made.offered(banks[0], applied[0].uuid)
    second = operations.make_offer(banks[0], applied[0].uuid, made.offer_terms(amount_fen=800_000_00))
    assert queries.offer_for(firm, first.uuid).state == OfferState.SUPERSEDED
    assert [offer.uuid for offer in queries.offers_for(firm, need.uuid)] == [second.uuid]
    with pytest.raises(Conflict):
        operations.accept_offer(firm, first.uuid)


def test_a_deal_that_falls_through_frees_the_need(firm, banks, need, versions, applied):
    offer = made.offered(banks[0], applied[0].uuid)
    operations.accept_offer(firm, offer.uuid)
    operations.refuse(banks[0], applied[0].uuid, RefusalReason.CONDITIONS_UNMET)
    assert queries.offer_for(firm, offer.uuid).state == OfferState.WITHDRAWN
    with pytest.raises(Conflict):
        operations.apply(firm, need.uuid, versions[:1])
    again = operations.apply(firm, need.uuid, versions[1:])
    operations.accept_offer(firm, made.offered(banks[1], again[0].uuid).uuid)


@pytest.mark.clause("B6")
def test_the_whole_life_to_the_closed_case(firm, banks, need, applied):
    bank, ref = banks[0], applied[0]
    operations.accept_offer(firm, made.offered(bank, ref.uuid).uuid)
    operations.mark_signed(SYSTEM, ref.uuid)
    with pytest.raises(Conflict):
        operations.withdraw(firm, ref.uuid, reason="晚了")
    operations.mark_disbursed(SYSTEM, ref.uuid)
    assert queries.need_for(firm, need.uuid).state == NeedState.CLOSED
    operations.mark_settled(SYSTEM, ref.uuid)
    operations.close(bank, ref.uuid)
    assert _state(firm, ref) == ApplicationState.CLOSED
    assert cases_queries.case_for(firm, ref.number).ref.state == "CLOSED"


def test_lists_take_the_same_few_queries_however_long(firm, banks, versions, django_assert_max_num_queries):
    for _ in range(3):
        operations.apply(firm, made.need(firm).uuid, versions)
    with django_assert_max_num_queries(3):
        assert len(queries.applications_for(firm)) == 6
    with django_assert_max_num_queries(1):
        assert len(queries.needs_for(firm)) == 3
    assert len(queries.applications_for(firm, page=2, size=4)) == 2
    assert queries.count_applications_for(banks[0], states=[ApplicationState.SUBMITTED]) == 3
