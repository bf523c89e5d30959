"""Sending what people were told through a channel, exactly once."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.notices.models import Delivery, Notice
from finmart.centres.technical.notices.types import Channel, DeliveryState, NoticesAct
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, masks, transactions
from finmart.kit.actor import Actor

MOST_ATTEMPTS = 5


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
        told = str(error).replace(address, masks.email(address)) if address else str(error)  # servers repeat it
        delivery.reason = f"{type(error).__name__}: {told}"[:300]
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


def _message(notice: Notice, address: str) -> EmailMessage:
    """Return a mail with the title and the way here: what was said stays on the platform, mail is read on the way."""
    return EmailMessage(
        subject=notice.title,
        body=f"内容请登录平台查看：{settings.FINMART_ORIGIN}{notice.link or '/messages/'}",
        to=[address],
        headers={"Message-ID": f"<{notice.uuid}.email@finmart>"},
    )
