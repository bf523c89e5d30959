"""Scoring firms from their invoices with the scorecard in force; every score is kept with all it read."""

from collections.abc import Iterable, Iterator
from typing import Any

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import ModelVersion, Score
from finmart.centres.data.risk.operations.grouping import groups_of
from finmart.centres.data.risk.queries import scores, versions
from finmart.centres.data.risk.rules.binning import Floats
from finmart.centres.data.risk.rules.invoice_features import columns_of
from finmart.centres.data.risk.rules.scorecard import Scorecard
from finmart.centres.data.risk.types import RiskAct, ScoreView, UnableToUseModel
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def score(
    actor: Actor, organisation_ids: Iterable[int] | None = None, *, name: str = versions.INVOICE_MODEL,
    only_changed: bool = False,
) -> list[ScoreView]:  # fmt: skip
    """Score firms that have invoices (None: all) with the scorecard in force and keep each score.

    ``only_changed`` leaves out firms whose newest score is of this version and of the same inputs, so that the daily
    run may run twice.

    Facts are read for the operator's own purpose of warning, under its recorded basis (clause F2). Raises
    AccessDenied; ConsentRequired where that basis is missing; UnableToUseModel where none is in force or its file
    was tampered with.
    """
    transactions.require()
    if not policies.can_train(actor):
        raise AccessDenied("您无权计算企业风险评分")
    version = versions.in_force(name)
    card = versions.card_of(version)
    consents_operations.disclose_population(actor, purpose=Purpose.WARNING, fact_types=sorted(scores.READ_FACTS))
    frame = sources_queries.invoice_frame()
    known = set(frame["organisation_id"].unique().to_list()) if frame.height else set()
    firms = sorted(known if organisation_ids is None else known & set(organisation_ids))
    unread = [part.code for part in card.parts if part.code not in scores.INVOICE_COLUMNS]
    if unread:
        raise UnableToUseModel(f"模型需要的列 {unread[0]} 不能从发票计算", field="model")
    newest = sources_queries.latest_invoice_on()
    if not firms or newest is None:
        return []
    columns = columns_of(profiles_queries.features_of(frame, newest), firms)
    groups = groups_of(actor, firms)
    disputed = profiles_queries.disputed_types(firms)
    before = _newest_inputs(version, firms) if only_changed else {}
    told = [
        Score(
            version=version,
            organisation_id=firm,
            as_of_on=newest,
            scored_at=clock.now(),
            groups=groups.get(firm, {}),
            disputed=[code for code in disputed.get(firm, ()) if FACT_TYPES[code].is_computed],
            **kept,
        )
        for firm, kept in zip(firms, _told(card, columns, len(firms)), strict=True)
        if firm not in before or before[firm] != kept["inputs"]
    ]
    if not told:
        return []
    audit_operations.record(actor, RiskAct.FIRM_SCORE, f"model:{version.uuid}", firms=len(told))
    return [scores.view_of(one) for one in Score.objects.bulk_create(told)]


def _newest_inputs(version: ModelVersion, firms: list[int]) -> dict[int, object]:
    """Return firm → what its newest score had read, of firms whose newest score is of this version."""
    rows = Score.objects.filter(organisation_id__in=firms, range_from=None).order_by("organisation_id", "-id")
    newest = rows.distinct("organisation_id").values_list("organisation_id", "version_id", "inputs")
    return {firm: inputs for firm, version_id, inputs in newest if version_id == version.pk}


def _told(card: Scorecard, columns: dict[str, Floats], rows: int) -> Iterator[dict[str, Any]]:
    for place in range(rows):
        yield scores.kept_of(card, {code: column[place] for code, column in columns.items()})
