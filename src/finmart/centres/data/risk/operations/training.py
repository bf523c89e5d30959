"""New versions, fitted on files. None is used before two persons have approved it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import connection

from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import ModelVersion, TrainingSample
from finmart.centres.data.risk.queries import backtests, versions
from finmart.centres.data.risk.rules import backtesting, challenger, measures, model_files, scorecard, training_rows
from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.rules.tables import Prepared
from finmart.centres.data.risk.types import (
    ModelKind,
    ModelRow,
    RiskAct,
    TableOptions,
    UnableToTrain,
)
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

OnRun = Callable[[int], None]
LONGEST_NAME = 60
_NUMBERING = 7_301_004  # any number, as long as nothing else locks it


def train_sme_2020(
    actor: Actor, *, enterprises: SourceFile, invoices: SourceFile, name: str = versions.INVOICE_MODEL,
    kind: ModelKind = ModelKind.SCORECARD, on_run: OnRun = lambda _: None,
) -> ModelRow:  # fmt: skip
    """Back-test on a folder's firms with an outcome, fit on all of them, and register the version.

    Raises AccessDenied, UnableToTrain, UnableToLoad.
    """
    require_train(actor)
    ready = backtests.prepared_sme_2020(enterprises=enterprises, invoices=invoices)
    return train_prepared(actor, name, kind, ready, (enterprises, invoices), on_run)


def train_table(
    actor: Actor, file: SourceFile, options: TableOptions, *, name: str, kind: ModelKind = ModelKind.SCORECARD,
    on_run: OnRun = lambda _: None,
) -> ModelRow:  # fmt: skip
    """Back-test on a table, fit on its training rows, and register the version.

    Raises AccessDenied; UnableToTrain for one outcome only, for leaking columns asked for, for a name without letters.
    """
    require_train(actor)
    if options.despite_leaks:
        raise UnableToTrain("用泄露结果的列不能训练要登记的模型", field="features", remedy="请只用申请时已知的列")
    return train_prepared(actor, name, kind, backtests.prepared_table(file, options), (file,), on_run)


def require_train(actor: Actor) -> None:
    """Refuse who may neither train nor change models; for this room. Raises AccessDenied."""
    transactions.require()
    if not policies.can_train(actor):
        raise AccessDenied("您无权训练或调整风险模型")


def train_prepared(
    actor: Actor, name: str, kind: ModelKind, ready: Prepared, files: tuple[SourceFile, ...], on_run: OnRun
) -> ModelRow:  # fmt: skip
    """Back-test prepared columns, fit on their training rows, and register the version; for this room.

    Raises UnableToTrain.
    """
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise UnableToTrain(f"模型名称应为 1 至 {LONGEST_NAME} 个字", field="name")
    if kind == ModelKind.LOGIT:
        raise UnableToTrain("普通逻辑回归只用于复现，不登记为模型", field="kind", remedy="请选择评分卡或挑战模型")
    told = backtests.measured(ready, kind, on_run)
    columns, bad = backtesting.taken(ready.columns, ready.trains), ready.bad[ready.trains]
    content, chances = _fitted(columns, bad, kind)
    training = {
        "rows": int(bad.size), "bads": int(bad.sum()), "label": told.label, "how": told.how,
        "columns": list(columns), "refused": [[leak.column, leak.reason.label] for leak in told.refused],
        "files": [{"name": file.name, "sha256": model_files.sum_of(file.content)} for file in files],
        "chances": measures.tenths(chances),
    }  # fmt: skip
    made = register(actor, name.strip(), kind, content, training, asdict(told.measures))
    if kind == ModelKind.SCORECARD:
        rows = training_rows.written(ready)
        TrainingSample.objects.create(version=made, content=rows, sha256=model_files.sum_of(rows))
    audit_operations.record(
        actor, RiskAct.MODEL_TRAIN, f"model:{made.uuid}",
        name=made.name, number=made.number, kind=str(kind), sha256=made.sha256, rows=training["rows"],
    )  # fmt: skip
    return versions.row_of(actor, made)


def _fitted(columns: backtesting.Columns, bad: Flags, kind: ModelKind) -> tuple[bytes, Floats]:
    if kind == ModelKind.CHALLENGER:
        text, tell = challenger.fit(columns, bad)
        return model_files.challenger_written(text, list(columns)), tell(columns)
    card = scorecard.fit(columns, bad)
    return model_files.written(card), card.chances(columns)


def register(
    actor: Actor, name: str, kind: ModelKind, content: bytes, training: dict[str, Any],
    told: dict[str, Any] | None, *, based_on: ModelVersion | None = None, note: str = "",
) -> ModelVersion:  # fmt: skip
    """Write a version down under the next number of its name; for this room."""
    with connection.cursor() as cursor:  # numbers of one name follow each other without a hole
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
    newest = ModelVersion.objects.filter(name=name).order_by("-number").values_list("number", flat=True).first()
    return ModelVersion.objects.create(
        name=name, number=(newest or 0) + 1, kind=kind, content=content, sha256=model_files.sum_of(content),
        training=training, measures=told, based_on=based_on, note=note, made_by_id=actor.person_id,
        made_by_label=actor.label, made_at=clock.now(),
    )  # fmt: skip
