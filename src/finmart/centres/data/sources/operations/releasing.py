"""What a person decides of a held file: its sound rows go in, or none do. Either way with a reason (clause D1)."""

import zlib
from uuid import UUID

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.events import LoadReleased
from finmart.centres.data.sources.models import Load
from finmart.centres.data.sources.operations import loading
from finmart.centres.data.sources.types import (
    LoadKind,
    LoadResult,
    LoadState,
    SourceFile,
    SourcesAct,
    UnableToSettle,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

LEAST_WORDS, MOST_WORDS = 5, 500


def release_load(actor: Actor, uuid: UUID, reason: str) -> LoadResult:
    """Store the rows of a held file that can be read; the others stay rejected, as its report says.

    The file is judged anew, as of today. Raises AccessDenied but for people of the operator, NotFound;
    UnableToSettle where it is not held any more, or the reason is no reason.
    """
    load, words = _locked(actor, uuid, reason)
    if not load.held_files.exists():
        raise UnableToSettle("该文件的内容没有保存，不能放行", remedy="请拒收，并请导入者改正后重新导入")
    files = [SourceFile(one.name, zlib.decompress(one.content)) for one in load.held_files.order_by("position")]
    result = _stored(actor, load, files)
    _settle(actor, load, words, SourcesAct.LOAD_RELEASE)
    events.publish(LoadReleased(load.uuid, result.organisation_ids))
    return result


def refuse_load(actor: Actor, uuid: UUID, reason: str) -> None:
    """Refuse a held file: nothing of it goes in, its bytes are removed, its report stays. Raises as the release."""
    load, words = _locked(actor, uuid, reason)
    load.state = LoadState.REFUSED
    load.save(update_fields=["state"])
    _settle(actor, load, words, SourcesAct.LOAD_REFUSE)


def _locked(actor: Actor, uuid: UUID, reason: str) -> tuple[Load, str]:
    transactions.require()
    if not policies.can_settle_loads(actor):
        raise AccessDenied("暂存的文件只由运营人员放行或拒收")
    load = Load.objects.select_for_update().filter(uuid=uuid).first()
    if load is None:
        raise NotFound("没有找到该次导入")
    if load.state != LoadState.HELD:
        raise UnableToSettle("该文件已处理", remedy="请刷新后查看结果")
    words = " ".join(reason.split())
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToSettle(f"请写明理由，{LEAST_WORDS} 至 {MOST_WORDS} 字", field="reason")
    return load, words


def _stored(actor: Actor, load: Load, files: list[SourceFile]) -> LoadResult:
    match LoadKind(load.kind):
        case LoadKind.SME_2020:
            return loading.sme_2020(actor, files[0], files[1], into=load)
        case LoadKind.FIRMS:
            return loading.listed(actor, files[0], into=load)
        case LoadKind.INVOICES if load.organisation_id is not None:
            return loading.invoices_of_one(actor, files[0], load.organisation_id, into=load)
        case LoadKind.INVOICES:
            return loading.invoices_of_many(actor, files[0], into=load)


def _settle(actor: Actor, load: Load, words: str, act: SourcesAct) -> None:
    load.settled_by_id, load.settled_at, load.settle_reason = actor.person_id, clock.now(), words
    load.save(update_fields=["settled_by", "settled_at", "settle_reason"])
    load.held_files.all().delete()
    audit_operations.record(actor, act, f"load:{load.uuid}", reason=words, invoices=load.invoices)
