"""Noting what people have read."""

from uuid import UUID

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.notices.models import Delivery, Notice
from finmart.centres.technical.notices.queries import notice_view
from finmart.centres.technical.notices.types import NoticesAct, NoticeView
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound


def mark_read(actor: Actor, uuid: UUID) -> NoticeView:
    """Note that the actor has read one of their notices; reading again changes nothing. Raises NotFound."""
    transactions.require()
    row = Notice.objects.filter(uuid=uuid).first()
    if row is None or row.person_id != actor.person_id:
        raise NotFound("没有找到该消息")
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])
        audit_operations.record(actor, NoticesAct.NOTICE_READ, f"notice:{uuid}")
    return notice_view(row)


def mark_all_read(actor: Actor) -> int:
    """Note that the actor has read all their notices; return how many were unread. Raises AccessDenied."""
    transactions.require()
    if actor.person_id is None:
        raise AccessDenied("请先登录")
    read = Notice.objects.filter(person_id=actor.person_id, read_at=None).update(read_at=clock.now())
    if read:
        audit_operations.record(actor, NoticesAct.NOTICE_READ, f"person:{actor.person_id}", count=read)
    return read


def erase_of(actor: Actor, person_id: int) -> int:
    """Delete all notices of a person and their deliveries; return how many notices. For the platform only."""
    transactions.require()
    if not actor.system:
        raise AccessDenied("消息只按本人申请删除")
    Delivery.objects.filter(notice__person_id=person_id).delete()
    gone, _ = Notice.objects.filter(person_id=person_id).delete()
    audit_operations.record(actor, NoticesAct.NOTICE_ERASE, f"person:{person_id}", count=gone)
    return gone
