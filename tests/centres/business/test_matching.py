"""A firm matches its need, sees every reason, and nobody else does; what it saw can be replayed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from factories import catalogue as factory
from factories import matching as match_factory
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionTerms, LoanPurpose, UnableToApply
from finmart.centres.business.matching import operations, queries
from finmart.centres.business.matching.models import MatchOutcome, MatchRun
from finmart.centres.business.matching.types import MatchingAct, MatchState, UnableToMatch
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.config.figures import FIGURES
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.criteria import State
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.finance import RepaymentMethod
from finmart.kit.transactions import OutsideTransaction

NEED = NeedTerms(
    1_000_000_00, 12, LoanPurpose.WORKING_CAPITAL, "只给自己看", RepaymentMethod.EQUAL_INSTALMENT, "320506"
)
FACTS = {"annual_tax_fen": 320_000_000, "registered_capital_fen": 10_000_000_00, "employees": 62}
CRITERIA = (
    CriterionTerms("established_months", "GE", (24,)),
    CriterionTerms("annual_tax_fen", "GE", (500_000_000,)),
    CriterionTerms("tax_grade", "IN", ("A", "B", "M")),
    CriterionTerms("employees", "LE", (50,), is_hard=False),
)


@pytest.fixture
def firm(db):
    return match_factory.firm_actor(FACTS)


def _listed(bank=None, operator=None, **changes):
    return factory.listed(bank, operator, **{"criteria": CRITERIA, **changes})


def _by_name(run):
    return {one.product.terms.name: one for one in run.results}


@pytest.mark.clause("D7", "P6")
def test_every_criterion_is_answered_with_what_it_saw(firm):
    _listed()
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    (card,) = run.results
    assert card.outcome.state is MatchState.NEAR_MISS
    assert {one.text: (one.state, one.seen) for one in card.answers} == {
        "申请金额 在 10 万元至 500 万元之间": (State.MET, "100 万元"),
        "申请期限 在 3 个月至 36 个月之间": (State.MET, "12 个月"),
        "还款方式 为 等额本息、先息后本": (State.MET, "等额本息"),
        "成立时长 ≥ 24 个月": (State.UNKNOWN, "未知"),
        "近12个月纳税额 ≥ 500 万元": (State.NOT_MET, "320 万元"),
        "纳税信用等级 为 A 级、B 级、M 级": (State.UNKNOWN, "未知"),
        "从业人数 ≤ 50 人": (State.NOT_MET, "62 人"),
    }
    assert card.missing == (
        "近12个月纳税额需 ≥ 500 万元，当前 320 万元",
        "缺少“成立时长”，补充后可判断是否 ≥ 24 个月",
        "缺少“纳税信用等级”，补充后可判断是否为 A 级、B 级、M 级",
    )
    assert card.advice == ("从业人数需 ≤ 50 人，当前 62 人",)
    told = next(one for one in card.answers if "纳税额" in one.text)
    assert (told.known_on, told.source) == (match_factory.KNOWN_ON, match_factory.SOURCE)
    entry = Entry.objects.get(tag=MatchingAct.RUN_MATCH)
    assert entry.subject == f"match:{run.uuid}"
    assert entry.content["NEAR_MISS"] == 1
    assert "320000000" not in str(entry.content)


def test_ranks_follow_states_and_the_card_shows_the_all_in_rate(firm):
    bank, operator = factory.bank_actor(), factory.operator_actor()
    open_to_all = ()
    _listed(bank, operator, name="宽", criteria=open_to_all)
    _listed(bank, operator, name="贵", criteria=open_to_all, rate_max=Decimal("0.12"))
    _listed(bank, operator, name="缺", criteria=(CriterionTerms("litigation_count", "LE", (5,)),))
    _listed(bank, operator, name="近")
    _listed(
        bank, operator, name="远", regions=("320507",), purposes=(LoanPurpose.PREMISES,), limit_min_fen=2_000_000_00
    )
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    assert [(one.product.terms.name, one.outcome.rank) for one in run.results] == [
        ("宽", 1), ("贵", 2), ("缺", 3), ("近", 4), ("远", None),
    ]  # fmt: skip
    cards = _by_name(run)
    assert cards["宽"].outcome.lowest_cost > cards["宽"].product.terms.rate_min
    assert cards["贵"].outcome.highest_cost > Decimal("0.12")
    assert len(run.in_state(MatchState.ELIGIBLE)) == 2
    assert len(cards["远"].missing) == 6


@pytest.mark.clause("F2")
def test_a_run_belongs_to_its_firm(firm):
    _listed()
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    other_firm, bank = match_factory.firm_actor({}), factory.bank_actor()
    for stranger in (other_firm, bank, Actor.visitor(), Actor.of_system("job")):
        with pytest.raises(AccessDenied):
            operations.match(stranger, NEED, organisation_id=firm.organisation_id)
        with pytest.raises(NotFound):
            queries.run_for(stranger, run.uuid)
        with pytest.raises(NotFound):
            queries.replay(stranger, run.uuid)
        assert queries.runs_for(stranger) == []
    with pytest.raises(AccessDenied):
        operations.match(bank, NEED, organisation_id=bank.organisation_id)
    with pytest.raises(NotFound):
        queries.run_for(firm, uuid4())
    colleague = factory.actor_of(firm.organisation_id, Role.ENTERPRISE_CLERK)
    assert queries.run_for(colleague, run.uuid) == run
    assert [(row.uuid, row.eligible, row.offered) for row in queries.runs_for(colleague)] == [(run.uuid, 0, 1)]


@pytest.mark.clause("F2")
def test_the_operator_sees_how_a_run_came_out_but_no_fact_of_the_firm(firm):
    _listed()
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    shown = queries.run_for(factory.operator_actor(), run.uuid)
    assert [one.outcome for one in shown.results] == [one.outcome for one in run.results]
    assert shown.facts == ()
    for word in ("320 万元，当前", "当前 320 万元", "62 人"):
        assert word not in repr(shown.results)
    assert all(not one.seen and not one.sentence for card in shown.results for one in card.answers)


@pytest.mark.clause("P6")
def test_a_run_replays_to_the_same_after_the_world_has_moved_on(firm):
    bank, operator = factory.bank_actor(), factory.operator_actor()
    first = _listed(bank, operator)
    _listed(bank, operator, name="第二款", criteria=())
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    catalogue_operations.revise(bank, first.uuid, factory.terms(rate_max=Decimal("0.2"), criteria=()))
    catalogue_operations.submit(bank, first.uuid)
    catalogue_operations.publish(operator, first.uuid)
    match_factory.set_facts(firm.organisation_id, {"annual_tax_fen": 1}, on=date(2021, 3, 1))
    with clock.moved_to(datetime.now(UTC) + timedelta(days=400)):
        replayed = queries.replay(firm, run.uuid)
        assert (replayed.is_equal, replayed.products, replayed.differing) == (True, 2, ())
        assert queries.run_for(firm, run.uuid).results[0].outcome == run.results[0].outcome


@pytest.mark.clause("P6")
def test_a_replay_names_what_was_tampered_with(committed_database, owner_database):
    with transaction.atomic():
        firm = match_factory.firm_actor(FACTS)
        reference = _listed()
        run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    owner_database.execute("ALTER TABLE matching_matchoutcome DISABLE TRIGGER ALL")
    owner_database.execute("UPDATE matching_matchoutcome SET score = 0.9999")
    replayed = queries.replay(firm, run.uuid)
    assert (replayed.is_equal, replayed.differing) == (False, (reference.version_id,))


@pytest.mark.parametrize("model", [MatchRun, MatchOutcome])
def test_what_a_firm_was_shown_is_never_changed(firm, model):
    _listed()
    operations.match(firm, NEED, organisation_id=firm.organisation_id)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()


@pytest.mark.clause("B5")
def test_a_product_delisted_between_match_and_application_is_refused(firm):
    bank = factory.bank_actor()
    reference = _listed(bank)
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    catalogue_operations.delist(bank, reference.uuid, "停办")
    with pytest.raises(UnableToApply, match="未在架"):
        catalogue_queries.require_open(run.results[0].product.version_id)
    assert operations.match(firm, NEED, organisation_id=firm.organisation_id).results == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_fen": 0}, "amount"),
        ({"amount_fen": -5}, "amount"),
        ({"amount_fen": 10**18}, "amount"),
        ({"term_months": 0}, "term_months"),
        ({"term_months": 1000}, "term_months"),
        ({"district": "440305"}, "district"),
    ],
)
def test_a_need_that_says_nothing_is_refused_beside_its_field(firm, changes, field):
    with pytest.raises(UnableToMatch) as refusal:
        operations.match(firm, replace(NEED, **changes), organisation_id=firm.organisation_id)
    assert refusal.value.field == field


def test_reading_a_run_costs_few_queries_however_many_products(firm, django_assert_max_num_queries):
    bank, operator = factory.bank_actor(), factory.operator_actor()
    for number in range(8):
        _listed(bank, operator, name=f"产品{number}")
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    with django_assert_max_num_queries(12):
        assert len(queries.run_for(firm, run.uuid).results) == 8


def test_a_match_needs_a_transaction(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.match(Actor.visitor(), NEED, organisation_id=1)


def test_the_dates_of_facts_are_kept(firm):
    run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    assert run.need == replace(NEED, purpose_note="")
    assert {fact.code: fact.value for fact in run.facts} == FACTS
    assert {fact.known_on for fact in run.facts} == {match_factory.KNOWN_ON}
    assert isinstance(match_factory.KNOWN_ON, date)
    assert firm.organisation_kind == OrganisationKind.ENTERPRISE


@pytest.mark.clause("P6")
def test_the_figures_count_runs_and_answered_criteria(firm):
    assert queries.figures().known_share is None
    _listed()
    for _ in range(2):
        operations.match(firm, NEED, organisation_id=firm.organisation_id)
    found = queries.figures()
    assert (found.runs, found.products, found.criteria, found.criteria_known) == (2, 2, 14, 10)
    assert found.known_share == Decimal(10) / 14
    assert FIGURES["D7"]() == "2 次匹配，71% 的条件有据可答"
    assert FIGURES["B5"]() == "1 个在架产品"


def test_what_a_published_version_asks_is_read_once_and_its_days_as_they_stand(firm):
    bank, operator = factory.bank_actor(), factory.operator_actor()
    first = _listed(bank, operator)
    operations.match(firm, NEED, organisation_id=firm.organisation_id)
    with CaptureQueriesContext(connection) as asked:
        run = operations.match(firm, NEED, organisation_id=firm.organisation_id)
    assert not any("catalogue_criterion" in one["sql"] for one in asked.captured_queries)
    (card,) = run.results
    assert len(card.answers) == 7
    assert card.product.terms.valid_to is None
    catalogue_operations.revise(bank, first.uuid, factory.terms(criteria=()))
    catalogue_operations.submit(bank, first.uuid)
    catalogue_operations.publish(operator, first.uuid)
    replaced, current = catalogue_queries.versions([first.version_id, first.version_id + 1])
    assert replaced.terms.valid_to == clock.today()
    assert (len(replaced.criteria), len(current.criteria)) == (4, 0)
