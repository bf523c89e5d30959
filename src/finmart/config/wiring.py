"""One visible table: event → reaction, and the bindings of the journeys."""

from collections.abc import Callable
from typing import Any

from finmart.centres.business.applications import events as applications
from finmart.centres.business.cases.events import MessagePosted
from finmart.centres.business.funds import events as funds_events
from finmart.centres.business.servicing import operations as servicing_operations
from finmart.desks.accounts import demo
from finmart.desks.cases import reactions as case_desk
from finmart.kit import events
from finmart.kit.actor import Actor
from finmart.twin import people

BANK_CORE = Actor.of_system("bank_core")


def _apply_collection(event: funds_events.CollectionSettled) -> None:
    servicing_operations.apply_collection(BANK_CORE, event.collection_uuid, event.amount_fen)


def _cancel_returned(event: funds_events.DisbursementReturned) -> None:
    servicing_operations.cancel_returned(BANK_CORE, event.disbursement_uuid, reason=event.reason)


REACTIONS: list[tuple[type[events.Event], Callable[[Any], None]]] = [
    (funds_events.CollectionSettled, _apply_collection),
    (funds_events.DisbursementReturned, _cancel_returned),
    (MessagePosted, case_desk.on_message_posted),
    (applications.ApplicationSubmitted, case_desk.on_application_submitted),
    (applications.ApplicationReturned, case_desk.on_application_returned),
    (applications.ApplicationRefused, case_desk.on_application_refused),
    (applications.ApplicationWithdrawn, case_desk.on_application_taken_back),
    (applications.OfferMade, case_desk.on_offer_made),
    (applications.OfferAccepted, case_desk.on_offer_accepted),
    (applications.OfferDeclined, case_desk.on_application_taken_back),
    (applications.OfferExpired, case_desk.on_offer_expired),
]


def connect() -> None:
    """Subscribe every reaction of the table. Called once by the application registry."""
    for event, reaction in REACTIONS:
        events.subscribe(event, reaction)
    demo.offer([demo.DemoAccount(account.username, people.label_of(account)) for account in people.DEMO_ACCOUNTS])
