"""Runs of a firm with every reason, and their replay."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import policies
from finmart.centres.business.matching.models import MatchOutcome
from finmart.centres.business.matching.models import MatchRun as MatchRunRecord
from finmart.centres.business.matching.rules import outcomes as engine
from finmart.centres.business.matching.rules import stored, way
from finmart.centres.business.matching.types import (
    CriterionAnswer,
    MatchedProduct,
    MatchFigures,
    MatchRun,
    MatchRunRow,
    MatchState,
    Outcome,
    Replay,
    UnableToReplay,
)
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit.actor import Actor
from finmart.kit.criteria import State
from finmart.kit.errors import NotFound

MOST_ROWS = 50
_FIGURES = """
SELECT (SELECT count(*) FROM matching_matchrun), count(*), COALESCE(sum(cardinality(states)), 0),
       COALESCE(sum(cardinality(array_remove(states, %s::smallint))), 0)
FROM matching_matchoutcome
"""


def run_for(actor: Actor, uuid: UUID) -> MatchRun:
    """Return a run with all its results. The operator gets it without the facts and the sentences that tell them.

    Raises NotFound for everybody else.
    """
    record = _record(actor, uuid)
    return told_to(actor, record, _inputs(record), [_outcome(row) for row in record.outcomes.order_by("position")])


def told_to(actor: Actor, record: MatchRunRecord, inputs: engine.Inputs, found: Sequence[Outcome]) -> MatchRun:
    """Return a run as this actor may see it, from what it read and what came out. For this centre."""
    products = {product.version_id: product for product in inputs.products}
    hidden = not policies.can_read_reasons(actor, record.organisation_id)
    results = []
    for outcome in found:
        product = products[outcome.version_id]
        told = engine.answers(inputs, product, outcome)
        chance = inputs.settings.chances.get(outcome.kind)
        if hidden:
            results.append(MatchedProduct(product, outcome, tuple(map(_without_facts, told)), (), chance))
        else:
            results.append(MatchedProduct(product, outcome, told, way.steps(inputs, product, outcome), chance))
    return MatchRun(
        uuid=record.uuid,
        organisation=parties_queries.organisation(record.organisation_id),
        need=inputs.need,
        matched_at=record.matched_at,
        engine_version=record.engine_version,
        settings=inputs.settings,
        facts=() if hidden else tuple(inputs.facts[code] for code in sorted(inputs.facts)),
        results=tuple(results),
    )


def runs_for(actor: Actor) -> list[MatchRunRow]:
    """Return the newest runs of the actor's own firm."""
    if actor.organisation_id is None or not policies.can_match(actor, actor.organisation_id):
        return []
    found = MatchRunRecord.objects.filter(organisation_id=actor.organisation_id).annotate(
        eligible=Count("outcomes", filter=Q(outcomes__state=MatchState.ELIGIBLE)), offered=Count("outcomes")
    )
    return [
        MatchRunRow(row.uuid, stored.need_from_json(row.need), row.matched_at, row.eligible, row.offered)
        for row in found.order_by("-id")[:MOST_ROWS]
    ]


def replay(actor: Actor, uuid: UUID) -> Replay:
    """Compute a run anew from its stored inputs and say whether it comes out the same (clause P6).

    Raises NotFound as :func:`run_for`, UnableToReplay where the engine has changed since.
    """
    record = _record(actor, uuid)
    if record.engine_version != engine.ENGINE:
        raise UnableToReplay(f"该次匹配由第 {record.engine_version} 版引擎得出，现为第 {engine.ENGINE} 版")
    before = [_outcome(row) for row in record.outcomes.order_by("position")]
    again = engine.outcomes(_inputs(record))
    differing = {one.version_id for one in before} ^ {one.version_id for one in again}
    differing |= {one.version_id for one, other in zip(before, again, strict=False) if one != other}
    return Replay(is_equal=not differing, products=len(before), differing=tuple(sorted(differing)))


def figures() -> MatchFigures:
    """Return how often was matched and how much could be answered, over the whole platform."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [int(State.UNKNOWN)])
        return MatchFigures(*map(int, cursor.fetchone()))


def _record(actor: Actor, uuid: UUID) -> MatchRunRecord:
    record = MatchRunRecord.objects.filter(uuid=uuid).first()
    if record is None or not (
        policies.can_read_reasons(actor, record.organisation_id) or policies.can_read_states(actor)
    ):
        raise NotFound("没有找到该次匹配", remedy="请重新匹配")
    return record


def _inputs(record: MatchRunRecord) -> engine.Inputs:
    """Read a run's inputs back; the products in their fixed order, so that nothing depends on the ranking."""
    fields = catalogue_queries.fields()
    version_ids = record.outcomes.order_by("version__product_id").values_list("version_id", flat=True)
    return engine.Inputs(
        organisation_uuid=parties_queries.organisation(record.organisation_id).uuid,
        need=stored.need_from_json(record.need),
        facts=stored.facts_from_json(record.facts, fields),
        products=catalogue_queries.versions(version_ids),
        settings=stored.settings_from_json(record.settings),
        on=record.matched_on,
        fields=fields,
        district=catalogue_queries.register()["district"],
    )


def _outcome(row: MatchOutcome) -> Outcome:
    return Outcome(
        version_id=row.version_id,
        state=MatchState(row.state),
        rank=row.rank,
        score=row.score,
        lowest_cost=row.lowest_cost,
        highest_cost=row.highest_cost,
        hard_not_met=row.hard_not_met,
        hard_unknown=row.hard_unknown,
        states=tuple(row.states),
        kind=row.kind,
        chance=row.chance,
    )


def _without_facts(answer: CriterionAnswer) -> CriterionAnswer:
    return replace(answer, seen="", known_on=None, source="", sentence="")
