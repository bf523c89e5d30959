"""Who is told what happened in a case, with a link to its page. Clauses D8, P3.

Mails leave the platform: they name the case and the act, never what was written or known of a firm.
"""

from collections.abc import Mapping

from django.urls import reverse

from finmart.centres.business.applications.events import (
    ApplicationEvent,
    ApplicationRefused,
    ApplicationReturned,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    ReviewDecided,
)
from finmart.centres.business.cases.events import MessagePosted
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.money import format_yuan

TELLER = Actor.of_system("cases")
FIRM = (Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON)
INSTITUTION = (Role.INSTITUTION_ACCOUNT_MANAGER,)


def on_message_posted(event: MessagePosted) -> None:
    """Tell the recipients that somebody wrote, not what."""
    notices_operations.notify(
        TELLER,
        person_ids=event.recipient_person_ids,
        members=[Members(organisation_id, FIRM + INSTITUTION) for organisation_id in event.recipient_organisation_ids],
        template="case_message",
        values={"number": event.number, "sender": event.sender_label, "text": "请登录平台查看"},
        link=f"{_page(event.number)}?tab=messages",
        key=f"message:{event.message_uuid}",
    )


def on_application_submitted(event: ApplicationSubmitted) -> None:
    values = {"enterprise": _name(event.organisation_id), "amount": format_yuan(event.amount_fen)}
    _tell_institution(event, "application_received", values)


def on_application_returned(event: ApplicationReturned) -> None:
    _tell_firm(event, "application_returned", {"institution": _name(event.institution_id), "reason": event.reason})


def on_application_refused(event: ApplicationRefused) -> None:
    _tell_firm(event, "application_refused", {"institution": _name(event.institution_id), "reason": event.reason})


def on_review_decided(event: ReviewDecided) -> None:
    """Tell the firm what a person found who looked at its refusal again."""
    found = "撤销拒绝，您可以重新申请" if event.is_reopened else "维持原决定"
    _tell_firm(event, "review_decided", {"institution": _name(event.institution_id), "found": found})


def on_offer_made(event: OfferMade) -> None:
    values = {
        "institution": _name(event.institution_id),
        "amount": format_yuan(event.amount_fen),
        "rate": f"{event.all_in_annual_rate * 100:.2f}%",
        "due": f"{event.valid_until.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}",
    }
    _tell_firm(event, "offer_made", values)


def on_offer_accepted(event: OfferAccepted) -> None:
    _tell_institution(event, "offer_accepted", {"enterprise": _name(event.organisation_id)})


def on_offer_expired(event: OfferExpired) -> None:
    _tell_firm(event, "offer_expired", {})
    _tell_institution(event, "offer_expired", {})


def on_application_taken_back(event: OfferDeclined | ApplicationWithdrawn) -> None:
    """Tell the institution that the firm does not go on, and why."""
    _tell_institution(
        event, "application_withdrawn", {"enterprise": _name(event.organisation_id), "reason": event.reason}
    )


def _name(organisation_id: int) -> str:
    return parties_queries.organisation(organisation_id).name


def _tell_firm(event: ApplicationEvent, template: str, values: Mapping[str, object]) -> None:
    _tell(Members(event.organisation_id, FIRM), template, event.number, values)


def _tell_institution(event: ApplicationEvent, template: str, values: Mapping[str, object]) -> None:
    _tell(Members(event.institution_id, INSTITUTION), template, event.number, values)


def _tell(members: Members, template: str, number: str, values: Mapping[str, object]) -> None:
    notices_operations.notify(
        TELLER, members=[members], template=template, values={"number": number, **values}, link=_page(number)
    )


def _page(number: str) -> str:
    return reverse("cases:page", args=[number])
