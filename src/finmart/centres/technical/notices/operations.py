"""Telling people, and sending what they are told through a channel exactly once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from smtplib import SMTPException
from typing import TYPE_CHECKING
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
from finmart.centres.technical.parties.types import Members
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

if TYPE_CHECKING:
    from procrastinate.types import JSONDict

MOST_ATTEMPTS = 5
LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class _Telling:
    """One call of :func:`notify`, until it is known who is told."""

    actor: Actor
    person_ids: tuple[int, ...]
    members: tuple[Members, ...]
    template: str
    title: str
    body: str
    link: str
    key: str
    at: datetime


def notify(
    actor: Actor,
    *,
    template: str,
    values: dict[str, object],
    person_ids: Iterable[int] = (),
    members: Iterable[Members] = (),
    link: str = "",
    key: str = "",
) -> None:
    """Tell people something, in the app and, where they gave an address, by e-mail.

    They are named, or the ``members`` of organisations at the end of the transaction; nobody is told twice by one
    call. ``template`` is a code of ``templates.toml``; ``values`` fills its placeholders; ``link`` is an address on
    this platform. ``key`` names the occasion: who was already told under it is not told again, so that a job may
    repeat. Raises UnknownText for a template, placeholder, link or key that cannot be right. Clause D8.
    """
    transactions.require()
    text = rules.texts().get(template)
    if text is None or not rules.is_local(link) or len(key) > LONGEST_KEY:
        raise UnknownText(f"no notice can be made of template {template!r}, link {link[:80]!r}, key {key[:80]!r}")
    title = rules.fill(text.title, values, rules.LONGEST_TITLE)
    body = rules.fill(text.body, values, rules.LONGEST_BODY)
    telling = _Telling(
        actor, tuple(person_ids), tuple(members), template, title, body, link, key, clock.now()
    )  # fmt: skip
    transactions.gather(_tell, telling)


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


def _tell(tellings: list[_Telling]) -> None:
    """Insert the notices of several calls and queue their mails."""
    groups = {group for telling in tellings for group in telling.members}
    reached = parties_queries.addresses_of(groups) if groups else {}
    addresses = {person: email for people in reached.values() for person, email in people.items()}
    named = {person for telling in tellings for person in telling.person_ids} - addresses.keys()
    if named:
        addresses |= parties_queries.email_addresses(named)
    drafted = [
        [
            Notice(
                person_id=person, template=telling.template, title=telling.title, body=telling.body,
                link=telling.link, key=telling.key, created_at=telling.at,
            )
            for person in _people(telling, reached)
        ]
        for telling in tellings
    ]  # fmt: skip
    made = _insert([notice for notices in drafted for notice in notices])
    for telling, notices in zip(tellings, drafted, strict=True):
        told = [notice.person_id for notice in notices if notice.uuid in made]
        if told:
            audit_operations.record(
                telling.actor, NoticesAct.NOTICE_SEND, f"template:{telling.template}", persons=told, key=telling.key
            )
    _queue([notice for notice in made.values() if addresses.get(notice.person_id)])


def _people(telling: _Telling, reached: Mapping[Members, Iterable[int]]) -> dict[int, None]:
    return dict.fromkeys([*telling.person_ids, *chain.from_iterable(reached[group] for group in telling.members)])


def _insert(notices: list[Notice]) -> dict[UUID, Notice]:
    """Insert what is new and return it by uuid. The key is the lock: a second teller inserts nothing."""
    plain, keyed = [one for one in notices if not one.key], [one for one in notices if one.key]
    made = Notice.objects.bulk_create(plain)
    if keyed:
        Notice.objects.bulk_create(keyed, ignore_conflicts=True)
        made += Notice.objects.filter(uuid__in=[one.uuid for one in keyed])
    return {one.uuid: one for one in made}


def _queue(notices: list[Notice]) -> None:
    if notices:
        deliveries = Delivery.objects.bulk_create([Delivery(notice=one, channel=Channel.EMAIL) for one in notices])
        jobs: list[JSONDict] = [{"delivery_id": one.pk} for one in deliveries]
        app.configure_task("notices:send_email").batch_defer(*jobs)


def _message(notice: Notice, address: str) -> EmailMessage:
    ending = f"\n\n查看：{settings.FINMART_ORIGIN}{notice.link}" if notice.link else ""
    return EmailMessage(
        subject=notice.title,
        body=notice.body + ending,
        to=[address],
        headers={"Message-ID": f"<{notice.uuid}.email@finmart>"},
    )
