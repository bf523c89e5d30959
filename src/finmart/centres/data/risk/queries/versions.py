"""Versions of models: which there are, which is in force, what people should know before they rely on one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet

from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import DriftReading, ModelVersion, Opinion, Outcome, Score, TrainingSample
from finmart.centres.data.risk.queries.backtests import label_of
from finmart.centres.data.risk.rules import measures, model_files, training_rows
from finmart.centres.data.risk.rules.binning import Bin, Binning
from finmart.centres.data.risk.rules.scorecard import Part, Scorecard
from finmart.centres.data.risk.rules.training_rows import TrainingRows
from finmart.centres.data.risk.types import (
    BinView,
    DriftView,
    GroupRow,
    ModelCard,
    ModelKind,
    ModelRow,
    ModelState,
    OpinionView,
    OutcomeFigures,
    PartView,
    ScoringFigures,
    UnableToUseModel,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

INVOICE_MODEL = "发票评分卡"
APPROVALS = 2
GROUPS = {"size": "企业规模", "age": "成立年限", "ownership": "所有制", "district": "所属区县"}
MOST_READINGS = 90  # days of the watch that are shown
FEWEST_OF_AN_OUTCOME = 30  # a default of ours: below that a schedule learns nothing
SMALLEST_GROUP = "matching.small_count.suppressed_below"
MOST_SCORES = 20_000  # the newest scores drift and gaps are computed over


def models_for(actor: Actor) -> list[ModelRow]:
    """Return versions, the newest first: all to operator staff, those in force to institutions. Raises AccessDenied."""
    sees_all = policies.can_read_models(actor)
    if not (sees_all or policies.can_read_card(actor)):
        raise AccessDenied("风险模型只对运营人员和金融机构开放")
    versions = list(_with_opinions().order_by("-id").defer("content"))
    standing = _standing(versions)
    rows = [_row(actor, version, standing) for version in versions]
    return [row for row in rows if sees_all or row.state == ModelState.IN_FORCE]


def card_for(actor: Actor, version_uuid: UUID) -> ModelCard:
    """Return the model card: any version for operator staff, one in force for institutions.

    Raises NotFound, UnableToUseModel where the file was tampered with.
    """
    version = version_of(version_uuid)
    row = row_of(actor, version)
    may_read = policies.can_read_card(actor) and row.state == ModelState.IN_FORCE
    if not (policies.can_read_models(actor) or may_read):
        raise NotFound("没有找到该模型版本")
    card = card_of(version) if version.kind == ModelKind.SCORECARD else None
    require_untouched(version)
    with rowpolicies.upkeep():
        scores = list(Score.objects.filter(version=version, range_from=None).order_by("-id")[:MOST_SCORES])
    return ModelCard(
        row=row,
        base=card.base if card else 0,
        parts=tuple(_part(part) for part in card.parts) if card else (),
        training=version.training,
        measures=version.measures,
        note=version.note,
        opinions=tuple(
            OpinionView(
                masking_queries.name_of_operator_staff(actor, one.person.full_name),
                one.is_approval,
                one.reason if policies.can_read_models(actor) else "",
                one.given_at,
            )
            for one in version.opinions.all()
        ),
        scores=len(scores),
        drift=_drift(version.training["chances"], scores),
        column_drift=_column_drift(card, scores) if card and scores else (),
        gaps=_told_gaps(actor, scores),
        history=_history(version),
        has_rows=bool(card) and TrainingSample.objects.filter(version_id=_trained(version)).exists(),
    )


def _told_gaps(actor: Actor, scores: list[Score]) -> tuple[tuple[str, tuple[GroupRow, ...]], ...]:
    """Return the gaps between groups; institutions see no group so small that its mean tells of a firm (clause F2)."""
    found = _gaps(scores)
    if policies.can_read_models(actor) or not found:
        return found
    least = parameters_queries.integer(SMALLEST_GROUP)
    return tuple((title, tuple(row for row in rows if row.rows >= least)) for title, rows in found)


def rows_of(version: ModelVersion) -> TrainingRows | None:
    """Return the rows a version, or the one it was changed from, was trained and tested on; None where none were kept.

    Raises UnableToUseModel where they were tampered with.
    """
    kept = TrainingSample.objects.filter(version_id=_trained(version)).first()
    if kept is None:
        return None
    model_files.require_untouched(bytes(kept.content), kept.sha256)
    return training_rows.read(bytes(kept.content))


def _trained(version: ModelVersion) -> int:
    """Return the version that was trained, from which people's changes led to this one."""
    if version.based_on_id is None:
        return version.pk
    before = dict(ModelVersion.objects.filter(name=version.name).values_list("pk", "based_on_id"))
    found = version.pk
    while before[found] is not None:
        found = before[found]
    return found


def may_change(actor: Actor, card: ModelCard) -> bool:
    """May the actor make a version with other points, bins or words out of this one?"""
    return policies.can_read_models(actor) and bool(card.parts)


def card_in_force_for(actor: Actor, name: str = INVOICE_MODEL) -> ModelCard:
    """Return the model card of the scorecard in force. Raises NotFound where there is none."""
    try:
        return card_for(actor, in_force(name).uuid)
    except UnableToUseModel as refusal:
        raise NotFound(refusal.message) from refusal


def version_of(version_uuid: UUID) -> ModelVersion:
    """Return a version by its uuid. Raises NotFound."""
    version = _with_opinions().filter(uuid=version_uuid).first()
    if version is None:
        raise NotFound("没有找到该模型版本")
    return version


def row_of(actor: Actor, version: ModelVersion) -> ModelRow:
    """Return a version as this actor sees it in lists."""
    return _row(actor, version, _standing(list(_with_opinions().filter(name=version.name, kind=version.kind))))


def in_force(name: str) -> ModelVersion:
    """Return the newest scorecard of this name that two persons approved and nobody rejected.

    Raises UnableToUseModel where there is none.
    """
    versions = list(_with_opinions().filter(name=name, kind=ModelKind.SCORECARD))
    newest = _standing(versions).get((name, str(ModelKind.SCORECARD)))
    if newest is None:
        raise UnableToUseModel(
            f"模型“{name[:60]}”没有生效的版本", field="model", remedy=f"请先训练，并由 {APPROVALS} 名不同人员审批"
        )
    return next(version for version in versions if version.pk == newest)


def all_in_force() -> list[ModelVersion]:
    """Return the scorecard in force of every name."""
    versions = list(_with_opinions().filter(kind=ModelKind.SCORECARD))
    standing = set(_standing(versions).values())
    return [version for version in versions if version.pk in standing]


def is_in_force(name: str = INVOICE_MODEL) -> bool:
    """Is there a scorecard of this name that may be used?"""
    return any(version.name == name for version in all_in_force())


def newest_scores(version: ModelVersion) -> list[Score]:
    """Return the newest score of each firm a version scored, at most MOST_SCORES."""
    rows = (
        Score.objects.filter(version=version, range_from=None)
        .order_by("organisation_id", "-id")
        .distinct("organisation_id")
    )
    with rowpolicies.upkeep():
        return list(rows[:MOST_SCORES])


def drift_of(version: ModelVersion, scores: list[Score]) -> float | None:
    """Return the stability index of these scores against the version's training, None without scores."""
    return _drift(version.training["chances"], scores)


def column_drift_of(version: ModelVersion, scores: list[Score]) -> list[tuple[str, float]]:
    """Return (code, index) of every column of a scorecard, what moved most first. Raises UnableToUseModel."""
    found = [(part.code, _part_drift(part.binning, part.code, scores)) for part in card_of(version).parts]
    return sorted(found, key=lambda one: -one[1])


def figures(name: str = INVOICE_MODEL) -> ScoringFigures:
    """Return how scoring with this model stands; sums only, so nobody's consent is needed."""
    versions = list(_with_opinions().filter(name=name).defer("content"))
    standing = _standing(versions).get((name, str(ModelKind.SCORECARD)))
    row = next((version for version in versions if version.pk == standing), None)
    waiting = sum(all(one.is_approval for one in v.opinions.all()) and not _is_approved(v) for v in versions)
    if row is None:
        return ScoringFigures("", 0, None, None, is_beyond=False, waiting=waiting)
    with rowpolicies.upkeep():
        told = Score.objects.filter(version=row, range_from=None).aggregate(
            firms=Count("organisation", distinct=True), latest=Max("scored_at")
        )
    drift = DriftReading.objects.filter(version=row).order_by("-checked_on").first()
    return ScoringFigures(
        f"{row.name}第 {row.number} 版", told["firms"], told["latest"], float(drift.index) if drift else None,
        is_beyond=bool(drift and drift.is_beyond), waiting=waiting,
    )  # fmt: skip


def may_learn() -> bool:
    """Are there enough outcomes of both kinds to train on?"""
    known = Outcome.objects.filter(known_on__lte=clock.today())
    bads, goods = known.filter(is_bad=True).count(), known.filter(is_bad=False).count()
    return min(bads, goods) >= FEWEST_OF_AN_OUTCOME


def outcomes_for(actor: Actor) -> list[OutcomeFigures]:
    """Return what is recorded of outcomes, source by source: what models learn from. Empty for all but the operator."""
    if not policies.can_read_models(actor):
        return []
    rows = Outcome.objects.values("source").annotate(
        rows=Count("pk"), bads=Count("pk", filter=Q(is_bad=True)), known_from=Min("known_on"), known_to=Max("known_on")
    )
    return [OutcomeFigures(**row) for row in rows.order_by("source")]


def _history(version: ModelVersion) -> tuple[DriftView, ...]:
    rows = DriftReading.objects.filter(version=version).order_by("-checked_on")[:MOST_READINGS]
    return tuple(
        DriftView(
            row.checked_on, row.scores, float(row.index), float(row.threshold), row.is_beyond,
            tuple((label_of(code)[0], row.columns[code]) for code in sorted(row.columns, key=row.columns.get)[:-4:-1]),
        )
        for row in rows
    )  # fmt: skip


def require_untouched(version: ModelVersion) -> None:
    """Raise UnableToUseModel where the stored file is not the one that was registered."""
    model_files.require_untouched(bytes(version.content), version.sha256)


def card_of(version: ModelVersion) -> Scorecard:
    """Return a version's scorecard. Raises UnableToUseModel where it was tampered with or is none."""
    return model_files.read(bytes(version.content), version.sha256)


def _with_opinions() -> QuerySet[ModelVersion]:
    opinions = Prefetch("opinions", Opinion.objects.select_related("person").order_by("id"))
    return ModelVersion.objects.select_related("made_by").prefetch_related(opinions)


def _is_approved(version: ModelVersion) -> bool:
    told = [opinion.is_approval for opinion in version.opinions.all()]
    return all(told) and len(told) >= APPROVALS


def _standing(versions: Sequence[ModelVersion]) -> dict[tuple[str, str], int]:
    """Return name and kind → the version in force."""
    approved = [version for version in versions if _is_approved(version)]
    return {(v.name, v.kind): v.pk for v in sorted(approved, key=lambda version: version.number)}


def _row(actor: Actor, version: ModelVersion, standing: dict[tuple[str, str], int]) -> ModelRow:
    opinions = list(version.opinions.all())
    state = _state(version, opinions, standing)
    given = {opinion.person_id for opinion in opinions}
    may = state == ModelState.WAITING and policies.can_give_opinion(actor, version.made_by_id, given)
    return ModelRow(
        uuid=version.uuid, name=version.name, number=version.number, kind=version.kind,
        kind_label=ModelKind(version.kind).label, state=str(state), state_label=state.label, sha256=version.sha256,
        made_by_name=masking_queries.name_of_operator_staff(
            actor, version.made_by.full_name if version.made_by else version.made_by_label
        ),
        made_at=version.made_at,
        auc=version.measures["auc"] if version.measures and not version.measures.get("is_in_sample") else None,
        approvals=sum(opinion.is_approval for opinion in opinions), may_give_opinion=may,
    )  # fmt: skip


def _state(version: ModelVersion, opinions: list[Opinion], standing: dict[tuple[str, str], int]) -> ModelState:
    if not all(opinion.is_approval for opinion in opinions):
        return ModelState.REJECTED
    if not _is_approved(version):
        return ModelState.WAITING
    return ModelState.IN_FORCE if standing.get((version.name, version.kind)) == version.pk else ModelState.SUPERSEDED


def _part(part: Part) -> PartView:
    label, formula = label_of(part.code)
    lines = zip(part.binning.bins, part.points, strict=True)
    bins = tuple(
        BinView(
            text_of(one), one.goods + one.bads, one.bad_rate, one.woe, points,
            None if part.binning.is_text or one.is_missing else one.lower, one.texts,
        )
        for one, points in lines
    )  # fmt: skip
    return PartView(part.code, label, formula, bins, part.binning.is_text, part.reason)


def text_of(one: Bin) -> str:
    """Return a bin as people read it: ``12.5 至 40``, ``缺失``, ``其他``."""
    if one.is_missing:
        return "缺失"
    if one.is_rest:
        return "其他"
    if one.texts:
        return "、".join(one.texts)
    if one.lower == float("-inf"):
        return "全部" if one.upper == float("inf") else f"低于 {_number(one.upper)}"
    return (
        f"{_number(one.lower)} 及以上" if one.upper == float("inf") else f"{_number(one.lower)} 至 {_number(one.upper)}"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _drift(tenths: dict[str, Any], scores: list[Score]) -> float | None:
    if not scores:
        return None
    return measures.drift_of(tenths, np.array([float(one.chance) for one in scores]))


def _column_drift(card: Scorecard, scores: list[Score]) -> tuple[tuple[str, float], ...]:
    found = [(label_of(part.code)[0], _part_drift(part.binning, part.code, scores)) for part in card.parts]
    return tuple(sorted(found, key=lambda one: -one[1]))


def _part_drift(binning: Binning, code: str, scores: list[Score]) -> float:
    before = np.array([one.goods + one.bads for one in binning.bins], dtype=np.float64)
    values = [one.inputs.get(code) for one in scores]
    columns = values if binning.is_text else np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    after = np.bincount(binning.positions(columns), minlength=before.size)
    return measures.index_of(before / before.sum(), after / after.sum())


def _gaps(scores: list[Score]) -> tuple[tuple[str, tuple[GroupRow, ...]], ...]:
    """Return how groups fare over the newest score of each firm; outcomes are not known yet, so bads are 0."""
    newest = list({one.organisation_id: one for one in reversed(scores)}.values())
    chances = np.array([float(one.chance) for one in newest])
    nobody = np.zeros(chances.size, dtype=bool)
    told = [
        (heading, measures.gaps(chances, nobody, [one.groups.get(code, "缺失") for one in newest]))
        for code, heading in GROUPS.items()
    ]
    return tuple((heading, rows) for heading, rows in told if rows)
