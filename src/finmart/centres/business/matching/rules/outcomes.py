"""From stored inputs to ranked outcomes: the whole of a run, pure, so that it can be replayed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import CriterionField, ProductView
from finmart.centres.business.matching.rules import asking, chances, scoring
from finmart.centres.business.matching.types import (
    CriterionAnswer,
    MatchState,
    Outcome,
    ScoreInput,
    ScoreSettings,
    SeenFact,
)
from finmart.kit.criteria import CompiledRules, Field, State

ENGINE = 3  # raised whenever the same inputs could come out otherwise


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run depends on. ``fields`` are the catalogue's, ``district`` gives districts their names."""

    organisation_uuid: UUID
    need: NeedTerms
    facts: Mapping[str, SeenFact]
    products: Sequence[ProductView]
    settings: ScoreSettings
    on: date
    fields: Mapping[str, Field]
    district: CriterionField


def outcomes(inputs: Inputs) -> list[Outcome]:
    """Return one outcome per product, in rank order, those not eligible at the end in the order of products."""
    asked = [asking.asked_by(product, inputs.need, inputs.district) for product in inputs.products]
    rules = CompiledRules(
        {**inputs.fields, **asking.NEED_FIELDS}, [[one.criterion for one in criteria] for criteria in asked]
    )
    values = {**asking.need_values(inputs.need), **{code: fact.value for code, fact in inputs.facts.items()}}
    evaluation = rules.evaluate(values)
    tally = rules.tally(evaluation)
    found = [
        _outcome(
            inputs,
            product,
            tuple(evaluation.states[rules.offsets[n] : rules.offsets[n + 1]].tolist()),
            int(tally.hard_not_met[n]),
            int(tally.hard_unknown[n]),
        )
        for n, product in enumerate(inputs.products)
    ]
    return _ranked(inputs, found)


def _outcome(
    inputs: Inputs, product: ProductView, states: tuple[int, ...], hard_not_met: int, hard_unknown: int
) -> Outcome:
    state = scoring.state_of(hard_not_met, hard_unknown, inputs.settings.near_miss_most)
    lowest, highest = scoring.costs(product.terms, inputs.need, inputs.on)
    points: Decimal | None = None
    kind, chance = "", None
    if state is not MatchState.NOT_ELIGIBLE:
        soft = _soft(inputs.need, product, states)
        kind = chances.kind_of(state, soft.count(State.MET), len(soft))
        told = inputs.settings.chances.get(kind)
        chance = told.value if told else None
        points = scoring.score(_score_input(inputs.need, product, soft, highest, chance), inputs.settings)
    return Outcome(
        version_id=product.version_id,
        state=state,
        rank=None,
        score=points,
        lowest_cost=lowest,
        highest_cost=highest,
        hard_not_met=hard_not_met,
        hard_unknown=hard_unknown,
        states=states,
        kind=kind,
        chance=chance,
    )


def _soft(need: NeedTerms, product: ProductView, states: tuple[int, ...]) -> list[int]:
    """Return the states of a product's own soft criteria."""
    own = states[asking.count_on_need(product.terms, need) :]
    return [state for view, state in zip(product.criteria, own, strict=True) if not view.criterion.is_hard]


def _score_input(
    need: NeedTerms, product: ProductView, soft: list[int], cost: Decimal | None, chance: Decimal | None
) -> ScoreInput:
    return ScoreInput(
        annual_cost=cost,
        promised_days=product.terms.promised_days,
        soft_met=soft.count(State.MET),
        soft_unknown=soft.count(State.UNKNOWN),
        soft_total=len(soft),
        fits_preference=need.repayment_method is None or need.repayment_method in product.terms.methods,
        chance=chance or Decimal(0),
    )


def _ranked(inputs: Inputs, found: Sequence[Outcome]) -> list[Outcome]:
    """Return outcomes in rank order. Equals, the products of one band, take turns by institution.

    In each turn every institution shows one product, so that who lists many gets no more first places than who lists
    one. Who has room comes first, then who was seen too little, then the firm's own draw decides.
    """
    by_version = {product.version_id: product for product in inputs.products}
    banks = {product.institution.id: product.institution.uuid for product in inputs.products}
    draws = {bank: scoring.tie_breaker(inputs.organisation_uuid, uuid) for bank, uuid in banks.items()}
    band = inputs.settings.band

    def level(outcome: Outcome) -> tuple[int, int, int, Decimal]:
        points = -scoring.band_of(outcome.score or Decimal(0), band)
        return outcome.state.place, outcome.hard_not_met, outcome.hard_unknown, points

    shown = Counter[tuple[object, int]]()
    placed = []
    for outcome in sorted(found, key=lambda one: _own_draw(inputs, by_version[one.version_id])):
        bank, equals = by_version[outcome.version_id].institution.id, level(outcome)
        turn = shown[equals, bank]
        shown[equals, bank] += 1
        among = (bank in inputs.settings.without_room, turn, bank not in inputs.settings.least_seen, draws[bank])
        placed.append((equals, among, outcome))
    listed = [outcome for _, _, outcome in sorted(placed, key=lambda one: one[:2])]
    return [outcome if outcome.score is None else replace(outcome, rank=rank) for rank, outcome in enumerate(listed, 1)]


def _own_draw(inputs: Inputs, product: ProductView) -> str:
    return scoring.tie_breaker(inputs.organisation_uuid, product.product_uuid)


def answers(inputs: Inputs, product: ProductView, outcome: Outcome) -> tuple[CriterionAnswer, ...]:
    """Return the reasons of one outcome in words, from the same inputs."""
    asked = asking.asked_by(product, inputs.need, inputs.district)
    on_need = asking.need_values(inputs.need)
    told = []
    for one, code in zip(asked, outcome.states, strict=True):
        fact = inputs.facts.get(one.criterion.field)
        value = fact.value if fact else on_need.get(one.criterion.field)
        told.append(asking.answer(one, State(code), value, fact))
    return tuple(told)
