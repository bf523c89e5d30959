"""Matching a firm's need with all that is on offer, and keeping what was seen."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from uuid import UUID

from django.db import connection

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionTerms
from finmart.centres.business.matching import policies, queries
from finmart.centres.business.matching.models import CriteriaTry, LearntChances
from finmart.centres.business.matching.models import MatchRun as MatchRunRecord
from finmart.centres.business.matching.queries.what_if import what_if_for
from finmart.centres.business.matching.rules import asking, chances, stored
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.types import (
    MatchingAct,
    MatchRun,
    MatchState,
    Outcome,
    ScoreSettings,
    SeenFact,
    TooManyTries,
    WhatIf,
)
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

_SETTINGS = {
    "cost": "matching.weight.cost",
    "soft": "matching.weight.soft",
    "speed": "matching.weight.speed",
    "preference": "matching.weight.preference",
    "cost_ceiling": "matching.cost.ceiling",
    "slowest_days": "matching.speed.slowest_days",
    "near_miss_most": "matching.near_miss.maximum",
    "chance": "matching.weight.chance",
    "band": "matching.score.band",
}
_PRIOR = "matching.chance.prior"
_PRIOR_WEIGHT = "matching.chance.prior_weight"
_CAPACITY = "matching.capacity.open_applications"
_STORED = tuple(one.name for one in fields(Outcome))
_COPY = f"COPY matching_matchoutcome (run_id, position, {', '.join(_STORED)}) FROM STDIN"
_TRIES = "matching.what_if.tries_a_day"
_TRYING = 7_301_009  # any number, as long as nothing else locks it
_PLATFORM = Actor.of_system("平台匹配服务")


def match(actor: Actor, need: NeedTerms, *, organisation_id: int) -> MatchRun:
    """Match the actor's own firm with every open product and store the run with its inputs (clauses D7, P5, P6).

    A firm's own facts serve the firm itself, so nobody else's consent is asked (clause F2). Raises AccessDenied for
    another firm, UnableToMatch with the field at fault.
    """
    transactions.require()
    if actor.person_id is None or not policies.can_match(actor, organisation_id):
        raise AccessDenied("只能为本企业匹配产品")
    register, known = catalogue_queries.register(), catalogue_queries.fields()
    asking.check_need(need, (code for code, _ in register["district"].choices))
    kept = stored.need_as_json(need)
    inputs = engine.Inputs(
        organisation_uuid=parties_queries.organisation(organisation_id).uuid,
        need=stored.need_from_json(kept),
        facts=asking.typed_facts(_facts_of(organisation_id), known),
        products=catalogue_queries.open_versions(),
        settings=_settings(),
        on=clock.today(),
        fields=known,
        district=register["district"],
    )
    found = engine.outcomes(inputs)
    record = MatchRunRecord.objects.create(
        organisation_id=organisation_id,
        matched_by_id=actor.person_id,
        matched_at=clock.now(),
        matched_on=inputs.on,
        need=kept,
        facts=stored.facts_as_json(inputs.facts.values()),
        settings=stored.settings_as_json(inputs.settings),
        engine_version=engine.ENGINE,
    )
    _store(record.pk, found)
    states = [one.state for one in found]
    audit_operations.record(
        actor, MatchingAct.RUN_MATCH, f"match:{record.uuid}",
        products=len(found), facts=sorted(inputs.facts), **{str(one): states.count(one) for one in MatchState},
    )  # fmt: skip
    return queries.told_to(actor, record, inputs, found)


def _store(run_id: int, found: Sequence[Outcome]) -> None:
    """Write the outcomes as one COPY: a city offers thousands of products, and a row made by Django costs as much as
    answering it.
    """
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for position, one in enumerate(found, 1):
            copy.write_row([run_id, position, *(_column(getattr(one, name)) for name in _STORED)])


def _column(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def learn_chances(actor: Actor) -> int:
    """Learn how likely each kind of match becomes an offer from the past year's decided applications (clause P6).

    Learns as well who was seen less than the bound among equals and goes first among them from now on (clause P5).
    Returns how many applications there were; writes nothing where all is as already learnt. For jobs of the platform
    only: raises AccessDenied.
    """
    transactions.require()
    if not policies.can_learn(actor):
        raise AccessDenied("只有平台任务可以统计获批可能性")
    seen = queries.decided_matches(actor)
    known = parameters_queries.values([_PRIOR, _PRIOR_WEIGHT])
    learnt = chances.learn(
        ((one.kind, was_offered) for one, was_offered in seen), prior=known[_PRIOR], weight=known[_PRIOR_WEIGHT]
    )
    behind = queries.seen_too_little(actor)
    if queries.latest_learnt() != (learnt, behind):
        LearntChances.objects.create(
            learnt_at=clock.now(), chances=stored.chances_as_json(learnt), decided=len(seen),
            least_seen=sorted(behind),
        )  # fmt: skip
        audit_operations.record(
            actor, MatchingAct.LEARN_CHANCES, "matching:chances", decided=len(seen), least_seen=len(behind)
        )
    return len(seen)


def try_criteria(actor: Actor, product_uuid: UUID, criteria: Sequence[CriterionTerms]) -> WhatIf:
    """Answer what other criteria of a product would change (see ``queries.what_if``) and count the try (clause F2).

    An institution gets so many different questions answered a day, over all its people and products; asking the same
    again costs nothing. Raises TooManyTries, and what the query raises.
    """
    transactions.require()
    if actor.organisation_id is None or policies.can_see_exact_counts(actor):
        return what_if_for(actor, product_uuid, criteria)
    written = [
        [one.field, str(one.operator), [_written(value) for value in one.operand], one.is_hard] for one in criteria
    ]
    asked = hashlib.sha256(json.dumps([str(product_uuid), written], ensure_ascii=False).encode()).hexdigest()
    with connection.cursor() as cursor:  # the tries of one institution stand in line
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TRYING, actor.organisation_id % 2**31])
    today = CriteriaTry.objects.filter(institution_id=actor.organisation_id, tried_on=clock.today())
    if today.filter(fingerprint=asked).exists():
        return what_if_for(actor, product_uuid, criteria)
    most = parameters_queries.integer(_TRIES)
    if today.count() >= most:
        raise TooManyTries(
            f"本机构今天已试算 {most} 次，达到每日上限",
            remedy="为防止通过反复试算推断个别企业的情况，每家机构每天试算次数有限，请明天再试；相同条件可重复查看",
        )
    found = what_if_for(actor, product_uuid, criteria)
    CriteriaTry.objects.create(
        institution_id=actor.organisation_id, person_id=actor.person_id or 0, product_uuid=product_uuid,
        tried_on=clock.today(), tried_at=clock.now(), fingerprint=asked, criteria=written,
    )  # fmt: skip
    audit_operations.record(actor, MatchingAct.TRY_CRITERIA, f"product:{product_uuid}", fingerprint=asked)
    return found


def _written(value: object) -> object:
    return value if isinstance(value, bool | int | str) else str(value)


def _settings() -> ScoreSettings:
    known = parameters_queries.values([*_SETTINGS.values(), _PRIOR, _PRIOR_WEIGHT, _CAPACITY])
    learnt, behind = queries.latest_learnt() or (
        chances.learn((), prior=known[_PRIOR], weight=known[_PRIOR_WEIGHT]),
        frozenset[int](),
    )
    waiting = applications_queries.open_by_institution(_PLATFORM)
    return ScoreSettings(
        **{name: known[key] for name, key in _SETTINGS.items()},
        chances=learnt,
        without_room=frozenset(bank for bank, number in waiting.items() if number >= known[_CAPACITY]),
        least_seen=behind,
    )


def _facts_of(organisation_id: int) -> list[SeenFact]:
    return [
        SeenFact(code, known.value, known.known_on, known.source)
        for code, known in profiles_queries.known_values(organisation_id, fact_types=catalogue_queries.fields()).items()
    ]
