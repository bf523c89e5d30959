"""Learning from recorded outcomes: a new version is proposed, never approved, by schedule or by hand (clause D4)."""

import json
from collections.abc import Iterable
from datetime import date

import numpy as np

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.desensitised import operations as desensitised_operations
from finmart.centres.data.desensitised import queries as desensitised_queries
from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import ModelVersion, Outcome
from finmart.centres.data.risk.operations.training import OnRun, train_prepared
from finmart.centres.data.risk.queries import scores, versions
from finmart.centres.data.risk.rules import backtesting, model_files
from finmart.centres.data.risk.rules.binning import Floats
from finmart.centres.data.risk.rules.invoice_features import FEATURES, columns_of
from finmart.centres.data.risk.rules.tables import Prepared
from finmart.centres.data.risk.types import ModelKind, ModelRow, OutcomeRow, RiskAct
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

LEARNER = Actor.of_system("风险评分")
RECORDED = "平台登记的结局.json"


def record_outcomes(actor: Actor, rows: Iterable[OutcomeRow], *, source: str) -> int:
    """Keep what became of firms, as ``source`` tells it; told again, it stays as it was. Return how many are new.

    For the system and operator staff; raises AccessDenied for others.
    """
    transactions.require()
    if not policies.can_train(actor):
        raise AccessDenied("您无权登记信用结局")
    now, before = clock.now(), Outcome.objects.count()
    made = [
        Outcome(
            organisation_id=row.organisation_id, is_bad=row.is_bad, as_of_on=row.as_of_on, known_on=row.known_on,
            source=source, recorded_at=now,
        )
        for row in rows
    ]  # fmt: skip
    Outcome.objects.bulk_create(made, ignore_conflicts=True)
    added = Outcome.objects.count() - before
    audit_operations.record(actor, RiskAct.OUTCOME_RECORD, source=source, rows=len(made), added=added)
    return added


def propose(
    actor: Actor, *, kind: ModelKind = ModelKind.CHALLENGER, name: str = versions.INVOICE_MODEL,
    on_run: OnRun = lambda _: None,
) -> ModelRow | None:  # fmt: skip
    """Train on the outcomes recorded and on what was known before each, and register the version; nobody approves it.

    Returns None where the newest version of this name and kind learnt from the same. Raises AccessDenied, and
    UnableToTrain for one outcome only or too few rows.
    """
    transactions.require()
    if not policies.can_train(actor):
        raise AccessDenied("您无权训练或调整风险模型")
    outcomes = sorted(
        Outcome.objects.filter(known_on__lte=clock.today()).values_list(
            "organisation_id", "as_of_on", "is_bad", "source"
        )
    )
    bad = np.array([row[2] for row in outcomes], dtype=bool)
    backtesting.require_both_outcomes(bad)
    read = [[firm, str(as_of_on), is_bad] for firm, as_of_on, is_bad, _ in outcomes]
    learnt = SourceFile(RECORDED, json.dumps(read, separators=(",", ":")).encode())
    if _was_learnt(name, kind, learnt):
        return None
    consents_operations.disclose_population(actor, purpose=Purpose.WARNING, fact_types=sorted(scores.READ_FACTS))
    label = f"平台登记的结局（来源：{'、'.join(sorted({row[3] for row in outcomes}))}）"
    columns = known_before([(firm, as_of_on) for firm, as_of_on, _, _ in outcomes])
    ready = Prepared(columns, bad, np.ones(bad.size, dtype=bool), has_split=False, label=label)
    return train_prepared(actor, name, kind, ready, (learnt,), on_run)


def _was_learnt(name: str, kind: ModelKind, learnt: SourceFile) -> bool:
    trained = ModelVersion.objects.filter(name=name, kind=kind, based_on=None)
    newest = trained.order_by("-number").values_list("training", flat=True).first()
    return newest is not None and model_files.sum_of(learnt.content) in {file["sha256"] for file in newest["files"]}


def known_before(asked: list[tuple[int, date]]) -> dict[str, Floats]:
    """Return the features of each (firm, day) from what had been invoiced before that day, by whomever.

    Read from the desensitised store: measures of two significant digits, found by pseudonym.
    """
    desensitised_operations.build_training(LEARNER, asked)
    codes = sorted({feature.fact_type for feature in FEATURES})
    found = {feature.code: np.full(len(asked), np.nan) for feature in FEATURES}
    for day in sorted({day for _, day in asked}):
        places = [place for place, (_, as_of_on) in enumerate(asked) if as_of_on == day]
        firms = [asked[place][0] for place in places]
        told = columns_of(desensitised_queries.training_measures_of(LEARNER, firms, day, codes), firms)
        for code, column in told.items():
            found[code][places] = column
    return found
