"""Chances come from outcomes, are priors where there are few, and no hair's breadth carries all attention."""

import random
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import applications as applied
from factories import catalogue as factory
from factories import parties as people
from factories.matched import FIRM, SETTINGS, inputs, product
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.matching import operations, queries
from finmart.centres.business.matching.models import LearntChances, MatchRun
from finmart.centres.business.matching.rules import chances, quality, stored
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.types import Chance, MatchState, UnableToReplay
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


@pytest.mark.clause("P5")
@settings(max_examples=15)
@given(st.integers(2, 12), st.integers(0, 10**9))
def test_who_lists_many_products_is_not_seen_before_who_lists_one(many, seed):
    small = product(many + 1, institution=2)
    products = [*(product(n, institution=1) for n in range(1, many + 1)), small]
    draw = random.Random(seed)
    ranks = []
    for _ in range(60):
        found = engine.outcomes(inputs(products, firm=UUID(int=draw.getrandbits(128))))
        assert len({one.score for one in found}) == 1
        ranks.append(next(one.rank for one in found if one.version_id == small.version_id))
    assert set(ranks) <= {1, 2}
    assert 10 <= ranks.count(1) <= 50  # even odds: beyond five deviations


@pytest.mark.clause("P5")
@pytest.mark.parametrize("days", [30])
def test_who_was_seen_too_little_goes_first_among_equals_until_it_no_longer_is(days):
    products = [product(n, institution=n) for n in range(1, 6)] + [product(6, institution=6, rate_max=Decimal("0.14"))]
    past = [_showing(run, n, rank) for run in range(40) for rank, n in enumerate((1, 2, 3, 4, 5), 1)]
    assert quality.below(quality.among_equals(past), BOUND) == {3, 4, 5}
    draw = random.Random(11)
    for day in range(days):
        behind = quality.below(quality.among_equals(past), BOUND)
        todays = replace(SETTINGS, least_seen=behind)
        for number in range(10):
            found = engine.outcomes(inputs(products, firm=UUID(int=draw.getrandbits(128)), settings=todays))
            assert found[-1].version_id == 6, "who is worse stays behind, however little it was seen"
            assert {one.version_id for one in found[: len(behind)]} == behind
            past += [_showing(1000 + day * 10 + number, one.version_id, one.rank) for one in found[:-1]]
    seen = quality.among_equals(past)
    assert not quality.below(seen, BOUND)
    assert seen.gini < 0.05


BOUND = Decimal("0.9")


def _showing(run, bank, rank):
    return quality.Shown(run, run, clock.now(), bank, bank, MatchState.ELIGIBLE, rank, band=Decimal(30))


def test_only_equals_with_room_are_compared():
    alone = quality.Shown(1, 1, clock.now(), 1, 1, MatchState.ELIGIBLE, 1, band=Decimal(40))
    worse = [replace(alone, product_id=n, institution_id=n, rank=n, band=Decimal(30)) for n in (2, 3)]
    full = replace(alone, product_id=4, institution_id=4, rank=4, band=None)
    assert set(quality.among_equals([alone, *worse, full]).by_institution) == {2, 3}


def test_settings_of_a_run_read_back_the_same():
    settings = replace(
        SETTINGS, chances=chances.learn([(FITS, True)], prior=HALF, weight=20), without_room=frozenset({3, 1}),
        least_seen=frozenset({2}),
    )  # fmt: skip
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
