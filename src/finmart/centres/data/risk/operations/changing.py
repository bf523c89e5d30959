"""People change a scorecard: points, bins, words of reasons. Each change is a version that waits for two others.

What a change does is measured on the rows the card was trained on, or tested on where there was a split, beside the
card before the change. On training rows that flatters both alike, and the card says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import numpy as np

from finmart.centres.data.risk.models import ModelVersion
from finmart.centres.data.risk.operations.training import register, require_train
from finmart.centres.data.risk.queries import versions
from finmart.centres.data.risk.rules import backtesting, measures, model_files, recutting
from finmart.centres.data.risk.rules.scorecard import Part, Scorecard
from finmart.centres.data.risk.rules.training_rows import TrainingRows
from finmart.centres.data.risk.types import ModelKind, ModelRow, RiskAct, UnableToChangeModel
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit.actor import Actor

MOST_POINTS = 500
LONGEST_REASON = 60
IN_SAMPLE = "人工调整；在训练样本上重算，未经折外检验，与调整前比较时两者同样偏乐观"
ON_TEST = "人工调整；在未参与训练的检验样本上重算"


def change_points(actor: Actor, version_uuid: UUID, points: Mapping[str, Sequence[int]], *, reason: str) -> ModelRow:
    """Make a new version of a scorecard with other points for some columns, one for every bin; it waits for approval.

    Raises AccessDenied, NotFound; UnableToChangeModel where a column or a number of bins does not fit, points are no
    whole numbers within ±500, or no reason is given; UnableToUseModel where the file was tampered with.
    """
    version, card = _opened(actor, version_uuid, reason)
    known = {part.code: len(part.points) for part in card.parts}
    for code, wanted in points.items():
        fits = code in known and len(wanted) == known[code]
        if not fits or any(abs(one) > MOST_POINTS for one in wanted):
            raise UnableToChangeModel(
                f"列 {code[:60]} 的分值不正确", field=code[:60], remedy=f"每个分箱一个整数，绝对值不超过 {MOST_POINTS}"
            )
    parts = tuple(replace(part, points=tuple(points.get(part.code, part.points))) for part in card.parts)
    return _made(actor, version, card, replace(card, parts=parts), reason, sorted(points))


def change_bins(
    actor: Actor, version_uuid: UUID, code: str, *, reason: str, cuts: Sequence[float] = (),
    groups: Sequence[Sequence[str]] = (),
) -> ModelRow:  # fmt: skip
    """Make a new version with a column cut elsewhere (numbers: ``cuts``, texts: ``groups``) and points to match.

    The bins are counted again on the training rows, and their points proposed as steep as the column was before.
    Raises as :func:`change_points`; UnableToChangeModel also where the rows were not kept or a bin would hold none.
    """
    version, card = _opened(actor, version_uuid, reason)
    part, rows = _part(card, code), versions.rows_of(version)
    if rows is None:
        raise UnableToChangeModel(
            "该版本没有保留训练样本，不能重新分箱",
            field="groups" if part.binning.is_text else "cuts",
            remedy="请重新训练后再调整分箱；分值与原因用语仍可调整",
        )
    column, bad = backtesting.taken(rows.columns, rows.trains)[code], rows.bad[rows.trains]
    if part.binning.is_text:
        cut = recutting.group(part, list(column), bad, groups)
    else:
        cut = recutting.cut(part, np.asarray(column, dtype=np.float64), bad, cuts)
    return _made(actor, version, card, _with(card, code, lambda _: cut), reason, [code])


def change_reason(actor: Actor, version_uuid: UUID, code: str, words: str | None, *, reason: str) -> ModelRow:
    """Make a new version that tells this column as a reason in other words: None its label, empty not at all.

    Raises as :func:`change_points`; UnableToChangeModel where the words are too long.
    """
    version, card = _opened(actor, version_uuid, reason)
    if words is not None and len(words.strip()) > LONGEST_REASON:
        raise UnableToChangeModel(f"原因用语最多 {LONGEST_REASON} 个字", field="words")
    _part(card, code)
    told = None if words is None else words.strip()
    changed = _with(card, code, lambda part: replace(part, reason=told))
    return _made(actor, version, card, changed, reason, [code])


def _opened(actor: Actor, version_uuid: UUID, reason: str) -> tuple[ModelVersion, Scorecard]:
    require_train(actor)
    version = versions.version_of(version_uuid)
    card = versions.card_of(version)
    if not reason.strip():
        raise UnableToChangeModel("请写明调整的理由", field="reason")
    return version, card


def _part(card: Scorecard, code: str) -> Part:
    part = next((part for part in card.parts if part.code == code), None)
    if part is None:
        raise UnableToChangeModel(f"评分卡没有列 {code[:60]}", field="code")
    return part


def _with(card: Scorecard, code: str, changed: Callable[[Part], Part]) -> Scorecard:
    return replace(card, parts=tuple(changed(part) if part.code == code else part for part in card.parts))


def _made(
    actor: Actor, version: ModelVersion, before: Scorecard, after: Scorecard, reason: str, columns: list[str]
) -> ModelRow:  # fmt: skip
    if after == before:
        raise UnableToChangeModel("评分卡没有任何变化", field="reason")
    rows = versions.rows_of(version)
    training, told = version.training, None
    if rows is not None:
        chances = after.chances(backtesting.taken(rows.columns, rows.trains))
        how = IN_SAMPLE if rows.trains.all() else ON_TEST
        training = {**training, "how": how, "chances": measures.tenths(chances)}
        told = _measured(before, after, rows)
    made = register(
        actor, version.name, ModelKind.SCORECARD, model_files.written(after), training, told,
        based_on=version, note=reason.strip(),
    )  # fmt: skip
    audit_operations.record(
        actor, RiskAct.MODEL_CHANGE, f"model:{made.uuid}", based_on=str(version.uuid), columns=columns
    )
    return versions.row_of(actor, made)


def _measured(before: Scorecard, after: Scorecard, rows: TrainingRows) -> dict[str, Any]:
    is_in_sample = bool(rows.trains.all())
    taken = rows.trains if is_in_sample else ~rows.trains
    columns, bad = backtesting.taken(rows.columns, taken), rows.bad[taken]
    first = backtesting.measured(before.chances(columns), bad)
    told = asdict(backtesting.measured(after.chances(columns), bad))
    return {
        **told,
        "is_in_sample": is_in_sample,
        "before": {"auc": first.auc, "ks": first.ks, "brier": first.brier},
    }
