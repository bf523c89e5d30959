"""The table of moves, kept by rules, operations and the database alike; what an offer may hold and costs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import applications as made
from factories import parties as people
from factories.catalogue import TERMS as PRODUCT
from finmart.centres.business.applications import operations, queries, rules
from finmart.centres.business.applications.models import Offer
from finmart.centres.business.applications.types import (
    ApplicationState,
    OfferFee,
    OfferState,
    RefusalReason,
    UnableToOffer,
)
from finmart.kit.actor import Actor
from finmart.kit.errors import Conflict
from finmart.kit.finance import RepaymentMethod

SYSTEM = Actor.of_system("test")
# Written anew, from the words of the journey: act → {state before: state after}.
EXPECTED = {
    "accept": {"SUBMITTED": "ACCEPTED"},
    "return": {"SUBMITTED": "RETURNED", "ACCEPTED": "RETURNED"},
    "resubmit": {"RETURNED": "SUBMITTED"},
    "review": {"ACCEPTED": "IN_REVIEW"},
    "offer": {"IN_REVIEW": "OFFERED", "OFFERED": "OFFERED"},
    "take": {"OFFERED": "OFFER_ACCEPTED"},
    "decline": {"OFFERED": "DECLINED"},
    "refuse": dict.fromkeys(["SUBMITTED", "RETURNED", "ACCEPTED", "IN_REVIEW", "OFFER_ACCEPTED"], "REFUSED"),
    "withdraw": dict.fromkeys(
        ["SUBMITTED", "RETURNED", "ACCEPTED", "IN_REVIEW", "OFFERED", "OFFER_ACCEPTED"], "WITHDRAWN"
    ),
    "sign": {"OFFER_ACCEPTED": "SIGNED"},
    "disburse": {"SIGNED": "DISBURSED"},
    "settle": {"DISBURSED": "SETTLED"},
    "close": {"SETTLED": "CLOSED"},
}
STANDING = {
    "OFFERED": [OfferState.OPEN],
    **{state: [OfferState.ACCEPTED] for state in ("OFFER_ACCEPTED", "SIGNED", "DISBURSED", "SETTLED", "CLOSED")},
}
USUAL = ["accept", "review", "offer", "take", "sign", "disburse", "settle", "close"]


def _latest_offer(firm, ref):
    offers = queries.application_for(firm, ref.uuid).offers
    if not offers:
        raise Conflict
    return offers[-1].uuid


ACTS = {
    "accept": lambda firm, bank, ref: operations.accept_application(bank, ref.uuid),
    "return": lambda firm, bank, ref: operations.return_application(bank, ref.uuid, reason="缺材料"),
    "resubmit": lambda firm, bank, ref: operations.resubmit(firm, ref.uuid),
    "review": lambda firm, bank, ref: operations.start_review(bank, ref.uuid),
    "offer": lambda firm, bank, ref: operations.make_offer(bank, ref.uuid, made.offer_terms()),
    "take": lambda firm, bank, ref: operations.accept_offer(firm, _latest_offer(firm, ref)),
    "decline": lambda firm, bank, ref: operations.decline_offer(firm, _latest_offer(firm, ref), reason="利率偏高"),
    "refuse": lambda firm, bank, ref: operations.refuse(bank, ref.uuid, RefusalReason.LIMIT),
    "withdraw": lambda firm, bank, ref: operations.withdraw(firm, ref.uuid, reason="另有安排"),
    "sign": lambda firm, bank, ref: operations.mark_signed(SYSTEM, ref.uuid),
    "disburse": lambda firm, bank, ref: operations.mark_disbursed(bank, ref.uuid),
    "settle": lambda firm, bank, ref: operations.mark_settled(bank, ref.uuid),
    "close": lambda firm, bank, ref: operations.close(bank, ref.uuid),
}


@pytest.fixture
def story(db):
    firm, bank = people.enterprise(), people.bank()
    return firm, bank, operations.apply(firm, made.need(firm).uuid, [made.product_of(bank)])[0]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, len(USUAL)),
    acts=st.lists(st.sampled_from(sorted(EXPECTED)), min_size=1, max_size=10),
)
def test_random_acts_follow_the_table_and_nothing_else(story, start, acts):
    firm, bank, ref = story
    state = "SUBMITTED"
    with transaction.atomic():
        for name in [*USUAL[:start], *acts]:
            after = EXPECTED[name].get(state)
            if after is None:
                with pytest.raises(Conflict), transaction.atomic():
                    ACTS[name](firm, bank, ref)
            else:
                ACTS[name](firm, bank, ref)
                state = after
            assert queries.application_for(bank, ref.uuid).state == state
            standing = Offer.objects.filter(application__uuid=ref.uuid, state__in=["OPEN", "ACCEPTED"])
            assert list(standing.values_list("state", flat=True)) == STANDING.get(state, [])
        transaction.set_rollback(True)


def _paths():
    """Return a way from SUBMITTED to every state along the allowed moves."""
    paths = {"SUBMITTED": []}
    waiting = ["SUBMITTED"]
    for before in waiting:
        for source, after in sorted(rules.pairs()):
            if source == before and after not in paths:
                paths[after] = [*paths[before], after]
                waiting.append(after)
    return paths


def _goes(cursor, ref, state):
    try:
        with transaction.atomic():
            cursor.execute(
                "UPDATE applications_application SET state = %s, refusal_reason = %s WHERE uuid = %s",
                [state, "LIMIT" if state == "REFUSED" else "", ref.uuid],
            )
    except IntegrityError:
        return False
    return True


def test_the_database_keeps_the_same_table(story):
    paths = _paths()
    assert set(paths) == {str(state) for state in ApplicationState}
    with connection.cursor() as cursor:
        for before, path in paths.items():
            for after in ApplicationState:
                with transaction.atomic():
                    assert all(_goes(cursor, story[2], step) for step in path)
                    allowed = before == after or (before, str(after)) in rules.pairs()
                    assert _goes(cursor, story[2], str(after)) == allowed, (before, after)
                    transaction.set_rollback(True)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'REFUSED'",
        "refusal_reason = 'LIMIT'",
        "amount_fen = 0",
        "amount_fen = -1",
        "state = 'ELSEWHERE'",
    ],
)
def test_the_database_refuses_what_no_operation_writes(story, change):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE applications_application SET {change}")


def test_the_database_refuses_a_second_accepted_offer(story):
    firm, bank, ref = story
    operations.accept_offer(firm, made.offered(bank, ref.uuid).uuid)
    offer = Offer.objects.get()
    offer.pk, offer.uuid = None, ref.uuid
    with pytest.raises(IntegrityError), transaction.atomic():
        offer.save(force_insert=True)


@pytest.mark.clause("P3")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_fen": 0}, "amount"),
        ({"amount_fen": 1_000_000_01}, "amount"),
        ({"term_months": 37}, "term_months"),
        ({"annual_rate": Decimal("0.0526")}, "annual_rate"),
        ({"annual_rate": Decimal("-0.01")}, "annual_rate"),
        ({"annual_rate": Decimal("NaN")}, "annual_rate"),
        ({"annual_rate": Decimal("0.043500000001")}, "annual_rate"),
        ({"repayment_method": RepaymentMethod.BULLET}, "repayment_method"),
        ({"conditions": ("条件",) * 21}, "conditions"),
    ],
)
def test_an_offer_stays_within_what_the_product_publishes(changes, field):
    with pytest.raises(UnableToOffer) as refused:
        rules.check_offer(made.offer_terms(**changes), 1_000_000_00, PRODUCT)
    assert refused.value.field == field


def test_fees_are_the_published_ones_or_lower():
    published = rules.published_fees(PRODUCT.fees, 1_000_000_00)
    assert published == (OfferFee("担保服务费", 5_000_00),)
    assert rules.checked_fees(None, published) == published
    assert rules.checked_fees((), published) == ()
    lower = (OfferFee("担保服务费", 1_000_00),)
    assert rules.checked_fees(lower, published) == lower
    for wrong in (
        (OfferFee("担保服务费", 5_000_01),),
        (OfferFee("咨询费", 1),),
        lower * 2,
        (OfferFee("担保服务费", -1),),
    ):
        with pytest.raises(UnableToOffer):
            rules.checked_fees(wrong, published)


def test_the_all_in_rate_has_every_fee_in():
    terms = made.offer_terms()
    day = date(2020, 3, 2)
    bare = rules.cost_of(terms, (), day)
    assert bare.all_in_annual_rate == pytest.approx(Decimal("0.04438"), abs=Decimal("0.00002"))
    once = rules.cost_of(terms, (OfferFee("服务费", 5_000_00),), day)
    assert once.cost_fen == bare.cost_fen + 5_000_00
    assert once.all_in_annual_rate - bare.all_in_annual_rate > Decimal("0.009")
    longer = replace(terms, term_months=24)
    yearly = rules.cost_of(longer, (OfferFee("担保费", 5_000_00, is_yearly=True),), day)
    assert yearly.cost_fen == rules.cost_of(longer, (), day).cost_fen + 10_000_00


def test_the_cost_counts_days_as_contract_and_loan_do():
    """Actual days over 360: 365 days of interest a year, not 360; the loan's own page says the same rate."""
    terms = replace(
        made.offer_terms(),
        annual_rate=Decimal("0.0435"),
        term_months=12,
        repayment_method=RepaymentMethod.INTEREST_FIRST,
    )
    cost = rules.cost_of(terms, (), date(2026, 11, 22))
    assert cost.cost_fen == pytest.approx(terms.amount_fen * 0.0435 * 365 / 360, abs=12)
    assert round(cost.all_in_annual_rate, 4) == Decimal("0.0450")


@given(
    amount_fen=st.integers(1_000_00, 10**11),
    rate=st.decimals(0, Decimal("0.24"), places=4),
    months=st.integers(1, 60),
    method=st.sampled_from(RepaymentMethod),
    share=st.decimals(0, Decimal("0.05"), places=3),
)
@settings(deadline=None, max_examples=60)
def test_a_fee_never_makes_an_offer_look_cheaper(amount_fen, rate, months, method, share):
    terms = made.offer_terms(amount_fen=amount_fen, annual_rate=rate, term_months=months, repayment_method=method)
    fee = OfferFee("服务费", int(amount_fen * share))
    bare, full = (rules.cost_of(terms, fees, date(2020, 1, 31)) for fees in ((), (fee,)))
    assert full.cost_fen == bare.cost_fen + fee.amount_fen
    assert full.all_in_annual_rate >= bare.all_in_annual_rate - Decimal("0.0000001")
