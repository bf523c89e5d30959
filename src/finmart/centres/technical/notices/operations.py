"""Telling people, and sending what they are told through a channel exactly once."""

from collections.abc import Iterable
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from procrastinate.contrib.django import app

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.notices import rules
from finmart.centres.technical.notices.models import Delivery, Notice
from finmart.centres.technical.notices.queries import notice_view
from finmart.centres.technical.notices.types import Channel, DeliveryState, NoticesAct, NoticeView, UnknownText
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

MOST_ATTEMPTS = 5
LONGEST_KEY = 120


def notify(
    actor: Actor,
    *,
    person_ids: Iterable[int],
    template: str,
    values: dict[str, object],
    link: str = "",
    key: str = "",
) -> int:
    """Tell people something, in the app and, where they gave an address, by e-mail; return how many were told.

    ``template`` is a code of ``templates.toml``; ``values`` fills its placeholders; ``link`` is an address on this
    platform. ``key`` names the occasion: who was already told under it is not told again, so that a job may repeat.
    Raises UnknownText for a template, placeholder, link or key that cannot be right. Clause D8.
    """
    transactions.require()
    text = rules.texts().get(template)
    if text is None or not rules.is_local(link) or len(key) > LONGEST_KEY:
        raise UnknownText(f"no notice can be made of template {template!r}, link {link[:80]!r}, key {key[:80]!r}")
    title = rules.fill(text.title, values, rules.LONGEST_TITLE)
    body = rules.fill(text.body, values, rules.LONGEST_BODY)
    now = clock.now()
    notices = [
        Notice(person_id=person, template=template, title=title, body=body, link=link, key=key, created_at=now)
        for person in dict.fromkeys(person_ids)
    ]
    made = _insert(notices, key)
    if made:
        _queue(made)
        audit_operations.record(
            actor, NoticesAct.NOTICE_SEND, f"template:{template}", persons=[one.person_id for one in made], key=key
        )
    return len(made)


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


def send_by_email(actor: Actor, delivery_id: int) -> bool:
    """Send one queued delivery by e-mail unless it was sent; return whether it is done with.

    Who calls at the same time waits for the row. A refusal of the mail server is noted; False asks for another try.
    The message carries an id of its own, the same at every try, so that a mail server can drop a copy of the one
    message that was on its way when the worker was killed.
    """
    transactions.require()
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("notice").filter(pk=delivery_id).first()
    if delivery is None or delivery.state == DeliveryState.SENT or delivery.attempts >= MOST_ATTEMPTS:
        return True
    notice = delivery.notice
    delivery.attempts += 1
    address = parties_queries.email_addresses([notice.person_id]).get(notice.person_id, "")
    try:
        _message(notice, address).send()
    except (SMTPException, OSError) as error:
        delivery.reason = f"{type(error).__name__}: {error}"[:300]
        is_final = delivery.attempts >= MOST_ATTEMPTS
        if is_final:
            delivery.state = DeliveryState.FAILED
            audit_operations.record(actor, NoticesAct.DELIVERY_FAIL, f"notice:{notice.uuid}", reason=delivery.reason)
        delivery.save()
        return is_final
    delivery.state, delivery.sent_at, delivery.reason = DeliveryState.SENT, clock.now(), ""
    delivery.save()
    audit_operations.record(actor, NoticesAct.DELIVERY_SEND, f"notice:{notice.uuid}", channel=str(Channel.EMAIL))
    return True


def _insert(notices: list[Notice], key: str) -> list[Notice]:
    if not key:
        return Notice.objects.bulk_create(notices)
    Notice.objects.bulk_create(notices, ignore_conflicts=True)  # the key is the lock: a second teller inserts nothing
    return list(Notice.objects.filter(uuid__in=[one.uuid for one in notices]))


def _queue(notices: list[Notice]) -> None:
    addresses = parties_queries.email_addresses([one.person_id for one in notices])
    deliveries = Delivery.objects.bulk_create(
        [Delivery(notice=one, channel=Channel.EMAIL) for one in notices if one.person_id in addresses]
    )
    for delivery in deliveries:
        app.configure_task("notices:send_email").defer(delivery_id=delivery.pk)


def _message(notice: Notice, address: str) -> EmailMessage:
    ending = f"\n\n查看：{settings.FINMART_ORIGIN}{notice.link}" if notice.link else ""
    return EmailMessage(
        subject=notice.title,
        body=notice.body + ending,
        to=[address],
        headers={"Message-ID": f"<{notice.uuid}.email@finmart>"},
    )
