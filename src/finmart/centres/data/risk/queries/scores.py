"""Scores: who may see them, why they are what they are, and whether they come out the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isnan
from typing import Any
from uuid import UUID

import numpy as np

from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import ModelVersion, Score, ScoreReading
from finmart.centres.data.risk.queries.backtests import label_of
from finmart.centres.data.risk.queries.versions import card_of
from finmart.centres.data.risk.rules.invoice_features import FEATURES
from finmart.centres.data.risk.rules.scorecard import Scorecard
from finmart.centres.data.risk.types import ReasonView, Replay, ScoreView
from finmart.kit import rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

READ_FACTS = frozenset({"monthly_purchases", "monthly_sales"})
"""The facts a consent must cover for a score to be shown: it is made of the same invoices."""

INVOICE_COLUMNS = frozenset(feature.code for feature in FEATURES)
PLACES = 6
MOST_REPLAYED = 100_000


@dataclass(frozen=True, slots=True)
class Told:
    """What a card says of one firm: points, probability as text of six places, reasons as stored.

    A reason is a column, the points it cost, and the card's own words for it where people gave any.
    """

    points: int
    chance: str
    reasons: list[list[object]]


def told_by(card: Scorecard, inputs: Mapping[str, float | str | None]) -> Told:
    """Return what the card says of these inputs, None for missing."""
    columns = {
        part.code: [inputs.get(part.code)]
        if part.binning.is_text
        else np.array([np.nan if inputs.get(part.code) is None else inputs[part.code]], dtype=np.float64)
        for part in card.parts
    }
    row = {code: column[0] for code, column in columns.items()}
    points = int(card.scores(columns)[0]) if columns else card.base
    chance = float(card.chances(columns)[0])
    words = {part.code: [part.reason] for part in card.parts if part.reason}
    reasons: list[list[object]] = [[code, lost, *words.get(code, [])] for code, lost in card.reasons(row)]
    return Told(points, f"{chance:.{PLACES}f}", reasons)


def kept_of(card: Scorecard, columns: Mapping[str, float]) -> dict[str, Any]:
    """Return what a score keeps of one firm whose columns are these (nan: missing): all it read and what came out."""
    inputs: dict[str, float | str | None] = {
        part.code: None if isnan(columns[part.code]) else float(columns[part.code]) for part in card.parts
    }
    told = told_by(card, inputs)
    return {"inputs": inputs, "points": told.points, "chance": Decimal(told.chance), "reasons": told.reasons}


def score_seen_by(institution_id: int, organisation_id: int) -> ScoreView | None:
    """Return the newest score of a firm that an institution was shown, None where it was shown none."""
    found = ScoreReading.objects.filter(reader_id=institution_id, subject_id=organisation_id).order_by("-id").first()
    if found is None:
        return None
    with rowpolicies.upkeep():  # it was shown to it under leave
        score = Score.objects.select_related("version").defer("version__content").get(pk=found.score_id)
    return replace(view_of(score), read_at=found.read_at)


def own_score_for(actor: Actor) -> ScoreView | None:
    """Return the newest score of the actor's own firm, None where there is none or the actor is of no firm."""
    own = actor.organisation_id
    if own is None or not policies.is_own(actor, own):
        return None
    rowpolicies.open_own(own)
    newest = newest_of(own)
    return view_of(newest) if newest else None


def newest_of(organisation_id: int) -> Score | None:
    """Return the newest score of a firm from all its invoices. For this centre only."""
    return (
        Score.objects.filter(organisation_id=organisation_id, range_from=None)
        .select_related("version")
        .defer("version__content")
        .order_by("-id")
        .first()
    )


def replay(actor: Actor, score_uuid: UUID) -> Replay:
    """Compute a stored score anew from its inputs and its version, and say whether it comes out the same.

    For operator staff and the firm itself. Raises NotFound for others; UnableToUseModel where the model file was
    tampered with.
    """
    with rowpolicies.upkeep():
        stored = Score.objects.filter(uuid=score_uuid).select_related("version").first()
    if stored is None or not (policies.can_read_models(actor) or policies.is_own(actor, stored.organisation_id)):
        raise NotFound("没有找到该评分")
    return _replayed(stored, card_of(stored.version))


def replay_all(actor: Actor, *, most: int = MOST_REPLAYED) -> list[Replay]:
    """Compute the newest scores anew, each by its own version. For the system and operator staff.

    Raises AccessDenied; UnableToUseModel where a model file was tampered with.
    """
    if not policies.can_train(actor):
        raise AccessDenied("您无权重算评分")
    with rowpolicies.upkeep():
        scores = list(Score.objects.order_by("-id")[:most])
    versions = ModelVersion.objects.in_bulk({one.version_id for one in scores})
    cards = {key: card_of(version) for key, version in versions.items()}
    return [_replayed(one, cards[one.version_id]) for one in scores]


def _replayed(stored: Score, card: Scorecard) -> Replay:
    told = told_by(card, stored.inputs)
    pairs = (
        ("分数", stored.points, told.points),
        ("违约概率", f"{stored.chance:.{PLACES}f}", told.chance),
        ("原因", stored.reasons, told.reasons),
    )
    differences = tuple(f"{what}：登记为 {before}，重算为 {after}" for what, before, after in pairs if before != after)
    return Replay(stored.uuid, not differences, differences)


def view_of(stored: Score) -> ScoreView:
    """Return a score as people see it."""
    return ScoreView(
        uuid=stored.uuid, organisation_id=stored.organisation_id, model=stored.version.name,
        number=stored.version.number, points=stored.points, chance=float(stored.chance),
        reasons=tuple(
            ReasonView(code, words[0] if words else label_of(code)[0], lost, stored.inputs.get(code))
            for code, lost, *words in stored.reasons
        ),
        missing=tuple(label_of(code)[0] for code, value in stored.inputs.items() if value is None),
        as_of_on=stored.as_of_on, scored_at=stored.scored_at,
        disputed=tuple(FACT_TYPES[code].label for code in stored.disputed if code in FACT_TYPES),
    )  # fmt: skip
