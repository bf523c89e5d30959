"""Chances come from outcomes, are priors where there are few, and no hair's breadth carries all attention."""

import random
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from factories import applications as applied
from factories import catalogue as factory
from factories import parties as people
from factories.matched import FIRM, SETTINGS, inputs, product
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.matching import operations, queries
from finmart.centres.business.matching.models import LearntChances, MatchRun
from finmart.centres.business.matching.rules import chances, quality, stored
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.types import Chance, UnableToReplay
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

HALF = Decimal("0.5")
FITS, NEAR = "ELIGIBLE:ALL", "NEAR_MISS:PART"


@pytest.mark.clause("P6")
def test_without_outcomes_every_chance_is_the_prior_and_says_so():
    assert set(chances.learn((), prior=HALF, weight=20).values()) == {Chance(HALF, 0, 0, is_prior=True)}


@pytest.mark.clause("P6")
def test_a_chance_is_drawn_to_the_prior_by_hand():
    decided = [(FITS, True)] * 60 + [(FITS, False)] * 20
    found = chances.learn(decided, prior=HALF, weight=20)
    assert found[FITS] == Chance(Decimal("0.7400"), 60, 80, is_prior=False)  # overall 70/100; (60 + 14) / 100
    assert found[NEAR] == Chance(Decimal("0.7000"), 0, 0, is_prior=True)


@pytest.mark.clause("P6")
def test_what_is_told_is_close_to_what_comes_out():
    chance = random.Random(5)
    true = dict(zip(chances.kinds(), (0.8, 0.6, 0.45, 0.4, 0.2, 0.1), strict=True))

    def drawn(number):
        return [(kind, chance.random() < true[kind]) for kind in chance.choices(list(true), k=number)]

    learnt = chances.learn(drawn(3_000), prior=HALF, weight=20)
    told, gap = chances.calibration((learnt[kind].value, offered) for kind, offered in drawn(3_000))
    assert told == 3_000
    assert gap < 0.03
    assert chances.calibration([(Decimal("0.9"), False)] * 10) == (10, pytest.approx(0.9))
    assert chances.calibration([]) == (0, None)


def test_a_likelier_kind_scores_higher_by_its_weight():
    learnt = {FITS: Chance(Decimal("0.9"), 90, 100, is_prior=False)}
    plain, lifted = (
        engine.outcomes(inputs([product(1)], settings=replace(SETTINGS, chances=known)))[0] for known in ({}, learnt)
    )
    assert (plain.kind, plain.chance, lifted.chance) == (FITS, None, Decimal("0.9"))
    assert lifted.score - plain.score == Decimal("0.18")


def _attention(settings):
    """What five institutions get over 400 firms, their rates a few hundredths of a percent apart."""
    products = [product(n, institution=n, rate_max=Decimal("0.05") + Decimal(n) / 10_000, fees=()) for n in range(1, 6)]
    shown = [
        quality.Shown(number, number, clock.now(), one.version_id, one.version_id, one.state, one.rank)
        for number in range(400)
        for one in engine.outcomes(inputs(products, firm=UUID(int=number), settings=settings))
    ]
    return quality.exposure(shown)


@pytest.mark.clause("P5")
def test_equally_good_offers_share_attention():
    bounded, raw = _attention(SETTINGS), _attention(replace(SETTINGS, band=Decimal(0)))
    assert bounded.gini < 0.05
    assert bounded.least > 0.9
    assert raw.gini > 0.15


@pytest.mark.clause("P5")
def test_who_has_no_room_stands_behind_its_equals_and_before_the_worse():
    products = [product(n, institution=n) for n in (1, 2, 3)] + [product(4, institution=4, rate_max=Decimal("0.14"))]
    full = replace(SETTINGS, without_room=frozenset({2}))
    for number in range(20):
        ranked = [one.version_id for one in engine.outcomes(inputs(products, firm=UUID(int=number), settings=full))]
        assert ranked[2:] == [2, 4]
    found = engine.outcomes(inputs(products, firm=FIRM, settings=full))
    assert {one.version_id: one.score for one in found}[2] == found[0].score


def test_settings_of_a_run_read_back_the_same():
    settings = replace(
        SETTINGS, chances=chances.learn([(FITS, True)], prior=HALF, weight=20), without_room=frozenset({3, 1})
    )
    assert stored.settings_from_json(stored.settings_as_json(settings)) == settings


@pytest.mark.clause("P6")
@pytest.mark.django_db
def test_chances_are_learnt_from_what_became_of_matches_and_told_with_the_next():
    system = Actor.of_system("matching")
    bank, firm = people.bank(), people.enterprise()
    version = applied.product_of(bank, criteria=())
    need = applied.need(firm)
    first = operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    assert first.results[0].chance == Chance(Decimal("0.5000"), 0, 0, is_prior=True)
    (application,) = applications_operations.apply(firm, need.uuid, [version])
    assert operations.learn_chances(system) == 0
    applied.offered(bank, application.uuid)
    assert operations.learn_chances(system) == 1
    learnt = queries.latest_chances()[FITS]
    assert learnt == Chance(Decimal("0.5465"), 1, 1, is_prior=True)  # overall 11/21; (1 + 20 × 11/21) / 21
    written = LearntChances.objects.count()
    operations.learn_chances(system)
    assert LearntChances.objects.count() == written
    again = operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    assert again.results[0].chance == learnt
    assert queries.run_for(firm, first.uuid).results[0].chance.is_prior
    assert queries.replay(firm, again.uuid).is_equal
    found = queries.quality_for(factory.operator_actor())
    assert found.told == 1
    assert found.calibration_gap == pytest.approx(0.5)
    with pytest.raises(AccessDenied):
        operations.learn_chances(firm)


@pytest.mark.django_db
def test_a_run_of_the_engine_before_is_still_shown():
    firm = people.enterprise()
    factory.listed(criteria=())
    settings = {name: value for name, value in stored.settings_as_json(SETTINGS).items() if name in OLD}
    old = MatchRun.objects.create(
        organisation_id=firm.organisation_id, matched_by_id=firm.person_id, matched_at=clock.now(),
        matched_on=clock.today(), need=stored.need_as_json(applied.TERMS), facts={}, settings=settings,
        engine_version=1,
    )  # fmt: skip
    assert queries.run_for(firm, old.uuid).settings.chance == 0
    with pytest.raises(UnableToReplay):
        queries.replay(firm, old.uuid)


OLD = {"cost", "soft", "speed", "preference", "cost_ceiling", "slowest_days", "near_miss_most"}
