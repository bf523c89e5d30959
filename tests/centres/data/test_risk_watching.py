"""A model is watched day by day and scored and taught by schedule; nothing of it approves anything."""

from dataclasses import replace
from datetime import timedelta

import pytest

from factories import parties
from factories import risk as made
from factories.sources import invoice_file, sale
from finmart.centres.data.risk import operations, queries, tasks
from finmart.centres.data.risk.models import DriftReading, ModelVersion, Opinion, Outcome, Score
from finmart.centres.data.risk.operations import learning
from finmart.centres.data.risk.types import ModelKind, ModelState, OutcomeRow, UnableToTrain
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.kit import clock
from finmart.kit.errors import AccessDenied
from finmart.twin import scorecards, seeding
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import material
from seen import seen

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D4")]
SMALL = replace(material(), firms=130, banks=material().banks[:2], insurers=(), guarantors=(), cases=0)


def _threshold(value):
    administrator = parties.operator("OPERATOR_ADMINISTRATOR")
    parameters_operations.set_value(
        administrator, key="risk.drift.threshold", value=value, valid_from=clock.today(), source="试算"
    )


@pytest.fixture
def scored(db):
    """A firm scored by a version that two of the operator's people approved."""
    firm = parties.enterprise()
    made.scored(firm)
    return firm


def test_the_daily_scoring_scores_what_is_new_and_nothing_twice(scored):
    assert tasks.score(0) == 0  # same invoices, same version
    assert seen(Score).count() == 1
    made.version_in_force(seed=9)
    assert tasks.score(0) == 1
    assert tasks.score(0) == 0
    assert seen(Score).count() == 2


def test_without_a_model_in_force_the_schedule_has_nothing_to_do(db):
    assert (tasks.score(0), tasks.watch_drift(0), tasks.propose(0)) == (0, 0, 0)


def test_drift_is_kept_once_a_day_and_the_owner_is_told_when_it_goes_beyond(scored):
    version = ModelVersion.objects.get()
    assert tasks.watch_drift(0) == 1
    assert tasks.watch_drift(0) == 0
    (reading,) = DriftReading.objects.all()
    assert reading.is_beyond  # one firm stands in one tenth, far from ten even ones
    owner = parties.queries.actor_for(Opinion.objects.order_by("pk").first().person_id)
    (told,) = [one for one in notices_queries.notices_for(owner) if "已偏移" in one.title]
    assert str(version.uuid) in told.link
    with clock.moved_to(clock.now() + timedelta(days=1)):
        assert tasks.watch_drift(0) == 1  # still beyond: kept, not told again
    assert len([one for one in notices_queries.notices_for(owner) if "已偏移" in one.title]) == 1
    card = queries.card_for(parties.operator(), version.uuid)
    assert [day.checked_on for day in card.history] == sorted(
        DriftReading.objects.values_list("checked_on", flat=True), reverse=True
    )
    assert card.history[0].columns[0][1] >= card.history[0].columns[-1][1]


def test_what_stays_within_the_threshold_is_kept_and_tells_nobody(scored):
    index = queries.card_for(parties.operator(), ModelVersion.objects.get().uuid).drift
    _threshold(str(round(index + 0.5, 2)))
    assert tasks.watch_drift(0) == 1
    owner = parties.queries.actor_for(Opinion.objects.order_by("pk").first().person_id)
    assert not DriftReading.objects.get().is_beyond
    assert not [one for one in notices_queries.notices_for(owner) if "已偏移" in one.title]


def test_one_outcome_only_teaches_nothing(db):
    firm = parties.enterprise().organisation_id
    today = clock.today()
    operations.record_outcomes(
        parties.SYSTEM, [OutcomeRow(firm, True, today - timedelta(days=400), today)], source="测试"
    )
    with pytest.raises(UnableToTrain, match="只有一类结果"):
        operations.propose(parties.SYSTEM)
    with pytest.raises(AccessDenied):
        operations.propose(parties.bank())


def test_the_sample_city_gets_a_scorecard_two_people_approved_and_a_challenger_that_waits(monkeypatch):
    seeding.seed(sample=SMALL)
    monkeypatch.setattr("finmart.centres.data.risk.queries.versions.FEWEST_OF_AN_OUTCOME", 5)  # a small city
    assert seeding.seed_scorecard()
    assert not seeding.seed_scorecard()
    card, challenger = (ModelVersion.objects.get(kind=kind) for kind in (ModelKind.SCORECARD, ModelKind.CHALLENGER))
    operator = parties.queries.actor_for(Opinion.objects.order_by("pk").first().person_id)
    states = {row.uuid: row.state for row in queries.models_for(operator)}
    assert states == {card.uuid: ModelState.IN_FORCE, challenger.uuid: ModelState.WAITING}
    assert card.opinions.values("person_id").distinct().count() == scorecards.APPROVALS
    assert "示例" in card.training["label"]
    (told,) = queries.outcomes_for(operator)
    assert (told.source, told.rows) == (scorecards.SOURCE, Outcome.objects.count())
    assert 0 < told.bads < told.rows
    assert queries.outcomes_for(parties.bank()) == []
    assert card.training["rows"] == Outcome.objects.count() > 25
    assert seen(Score).values("organisation_id").distinct().count() == SMALL.firms
    shown = dict(queries.card_for(operator, card.uuid).gaps)
    assert {"企业规模", "成立年限", "所有制", "所属区县"} <= set(shown)
    assert tasks.propose(0) == 0  # the newest challenger learnt from the same outcomes
    firm = parties.queries.organisation_by_credit_code(made_up_credit_code(1_000))
    clerk = parties.member(firm, parties.Role.ENTERPRISE_CLERK)
    assert queries.own_score_for(clerk).model == "发票评分卡"


def test_learning_looks_at_no_invoice_of_the_day_or_after(db):
    firm, day = parties.enterprise(), clock.today() - timedelta(days=180)
    earlier = [_sale(place, day - timedelta(days=20 * place + 1)) for place in range(12)]
    sources_operations.load_invoices(firm, invoice_file(*earlier), organisation_id=firm.organisation_id)
    before = learning.known_before([(firm.organisation_id, day)])
    later = [_sale(place + 20, day + timedelta(days=10 * place), "99999.00") for place in range(12)]
    sources_operations.load_invoices(firm, invoice_file(*later), organisation_id=firm.organisation_id)
    after = learning.known_before([(firm.organisation_id, day)])
    assert before["sales_year"][0] > 0
    assert {code: repr(column) for code, column in before.items()} == {c: repr(column) for c, column in after.items()}


def _sale(place, on, amount="1000.00"):
    return sale(发票号码=f"{place:08d}", 开票日期=f"{on}", 金额=amount)
