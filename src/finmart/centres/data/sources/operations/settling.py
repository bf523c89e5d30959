"""What becomes of a batch once its pages are here: loaded, held or refused."""

from uuid import UUID

from django.db import connection

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.events import BatchLoaded, BatchReceived
from finmart.centres.data.sources.models import Batch
from finmart.centres.data.sources.operations.demanding import answer_corrections, raise_demand
from finmart.centres.data.sources.operations.judging import judge
from finmart.centres.data.sources.operations.telling import tell_operators
from finmart.centres.data.sources.types import BatchState, SourcesAct, UnableToFeed
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

# A correction takes the place of the newest record of its key and firm, which stays with a note of what replaced it.
_REPLACE = """
UPDATE sources_record AS old SET replaced_by_id = new.id
FROM sources_record AS new
WHERE new.batch_id = %(batch)s AND NOT new.replaces = '' AND old.key = new.replaces
  AND old.organisation_id = new.organisation_id AND old.replaced_by_id IS NULL AND NOT old.id = new.id
  AND EXISTS (SELECT FROM sources_batch b WHERE b.id = old.batch_id AND b.feed_id = %(feed)s)
RETURNING old.id, new.id
"""


def settle(actor: Actor, batch: Batch) -> BatchState:
    """Settle a batch whose last page is here and return what became of it."""
    broken = _broken(batch)
    if broken:
        return refuse(actor, batch, broken)
    batch.state, batch.received_at = BatchState.RECEIVED, clock.now()
    batch.save(update_fields=["state", "received_at"])
    judgement = judge(batch)
    if judgement.is_to_be_held:
        hold_batch(actor, batch.uuid, judgement.reason)
    events.publish(BatchReceived(batch.uuid))
    batch.refresh_from_db(fields=["state", "message"])
    if batch.state == BatchState.RECEIVED:
        _load(actor, batch)
    return BatchState(batch.state)


def hold_batch(actor: Actor, uuid: UUID, reason: str, *, owner_id: int | None = None) -> None:
    """Have a RECEIVED batch wait for people: nothing of it is a fact until it is released.

    ``owner_id`` decides of it and is told; without one, anybody of the operator. Held already, it stays so: the reason
    is added, and whoever owns it goes on to own it. Raises AccessDenied, NotFound, and UnableToFeed where the batch is
    loaded or refused.
    """
    transactions.require()
    batch = _locked(actor, uuid)
    if batch.state not in {BatchState.RECEIVED, BatchState.HELD}:
        raise UnableToFeed(f"批次{BatchState(batch.state).label}，不能暂存")
    earlier = f"{batch.message}；" if batch.state == BatchState.HELD else ""
    batch.state, batch.message = BatchState.HELD, f"{earlier}{reason}"[:500]
    batch.owner_id = batch.owner_id or owner_id
    batch.save(update_fields=["state", "message", "owner"])
    audit_operations.record(
        actor, SourcesAct.BATCH_HOLD, f"batch:{batch.uuid}", reason=reason[:500], owner=batch.owner_id
    )
    if not (earlier and batch.owner_id is None):
        _tell_of_held(actor, batch)


def release_batch(actor: Actor, uuid: UUID, reason: str) -> None:
    """Load a held batch after all, for a reason that stays on record. Raises as :func:`hold_batch`."""
    transactions.require()
    batch = _locked(actor, uuid)
    _require_held(actor, batch, "放行")
    _require_reason(reason)
    audit_operations.record(actor, SourcesAct.BATCH_RELEASE, f"batch:{batch.uuid}", reason=reason.strip())
    batch.message = f"{batch.message}；放行：{reason.strip()}"
    _load(actor, batch)


def reject_batch(actor: Actor, uuid: UUID, reason: str) -> None:
    """Refuse a held batch: its records are removed, and its supplier is asked to send them right, in a new batch.

    Raises as :func:`hold_batch`.
    """
    transactions.require()
    batch = _locked(actor, uuid)
    _require_held(actor, batch, "退回")
    _require_reason(reason)
    held_for, words = batch.message, reason.strip()
    refuse(actor, batch, f"{held_for[:190]}；退回：{words}")
    asked = f"批次 {batch.number} 已退回：{words}。请更正后以新批次重送（{held_for[:100]}）"
    raise_demand(actor, feed_code=batch.feed.code, text=asked[:500])


def note_unusable(actor: Actor, uuid: UUID, values: int) -> None:
    """Write down how many values of a loaded batch said nothing that can be used. Raises AccessDenied, NotFound."""
    transactions.require()
    batch = _locked(actor, uuid)
    batch.unusable = values
    batch.save(update_fields=["unusable"])


def _require_held(actor: Actor, batch: Batch, act: str) -> None:
    if not policies.can_settle_batch(actor, batch.owner_id):
        raise AccessDenied(f"该批次由暂存它的质量规则的责任人{act}")
    if batch.state != BatchState.HELD:
        raise UnableToFeed(f"只有暂存待核的批次可以{act}")


def _tell_of_held(actor: Actor, batch: Batch) -> None:
    text = f"批次 {batch.number} 没有入库：{batch.message}。请核对后放行或退回"
    key = f"held:{batch.uuid}:{batch.attempts}:{batch.owner_id or 0}"
    title = f"{batch.feed.name}有批次暂存待核"
    link = f"/operator/feeds/batches/{batch.uuid}/"
    tell_operators(actor, batch.feed, title, text, key=key, owner_id=batch.owner_id, link=link)


def _require_reason(reason: str) -> None:
    if not 5 <= len(reason.strip()) <= 300:
        raise UnableToFeed("请写明理由，5 至 300 字", field="reason")


def _locked(actor: Actor, uuid: UUID) -> Batch:
    if not policies.can_handle_feeds(actor):
        raise AccessDenied("数据批次只由平台运营人员处理")
    batch = Batch.objects.select_for_update(of=("self",)).select_related("feed").filter(uuid=uuid).first()
    if batch is None:
        raise NotFound("没有找到该批次")
    return batch


def _broken(batch: Batch) -> str:
    if batch.received != batch.announced:
        return f"批次 {batch.number} 通知 {batch.announced} 条，收到 {batch.received} 条，整批未入库"
    if batch.chained != batch.digest:
        return f"批次 {batch.number} 的校验值与通知不符，整批未入库"
    return ""


def refuse(actor: Actor, batch: Batch, reason: str) -> BatchState:
    """Refuse a batch for good or until it is sent again: none of its records is kept."""
    batch.records.all().delete()
    batch.state, batch.message, batch.settled_at = BatchState.REFUSED, reason[:500], clock.now()
    batch.save(update_fields=["state", "message", "settled_at"])
    audit_operations.record(actor, SourcesAct.BATCH_REFUSE, f"batch:{batch.uuid}", reason=batch.message)
    return BatchState.REFUSED


def _load(actor: Actor, batch: Batch) -> None:
    batch.state, batch.settled_at = BatchState.LOADED, clock.now()
    batch.save(update_fields=["state", "settled_at", "message"])
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, {"batch": batch.pk, "feed": batch.feed_id})
        replaced = dict(cursor.fetchall())
    audit_operations.record(
        actor, SourcesAct.BATCH_LOAD, f"batch:{batch.uuid}",
        records=batch.received, unknown=batch.unknown, corrections=len(replaced),
    )  # fmt: skip
    answer_corrections(actor, batch.feed, replaced)
    events.publish(BatchLoaded(batch.uuid))
