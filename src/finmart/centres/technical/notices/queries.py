"""A person's own notices; nobody else's."""

from finmart.centres.technical.notices.models import Notice
from finmart.centres.technical.notices.types import NoticesAct, NoticeView
from finmart.kit.actor import Actor


def notices_for(actor: Actor, *, limit: int = 20, offset: int = 0, unread_only: bool = False) -> list[NoticeView]:
    """Return the actor's notices, the newest first; none for a visitor."""
    if actor.person_id is None:
        return []
    rows = Notice.objects.filter(person_id=actor.person_id)
    if unread_only:
        rows = rows.filter(read_at=None)
    return [notice_view(row) for row in rows.order_by("-id")[offset : offset + limit]]


def count_for(actor: Actor, *, unread_only: bool = False) -> int:
    """Return how many notices the actor has."""
    if actor.person_id is None:
        return 0
    rows = Notice.objects.filter(person_id=actor.person_id)
    return rows.filter(read_at=None).count() if unread_only else rows.count()


def unread_count_for(actor: Actor) -> int:
    """Return how many notices the actor has not read; 0 for a visitor."""
    return count_for(actor, unread_only=True)


def notice_view(row: Notice) -> NoticeView:
    return NoticeView(
        uuid=row.uuid, template=row.template, title=row.title, body=row.body, link=row.link,
        created_at=row.created_at, read_at=row.read_at,
        acts=frozenset() if row.read_at else frozenset({NoticesAct.NOTICE_READ}),
    )  # fmt: skip
