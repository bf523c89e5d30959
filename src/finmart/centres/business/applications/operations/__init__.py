"""Needs stated, applications brought to institutions, offers made and answered. Clauses B1, B6, P3."""

from finmart.centres.business.applications.operations.applying import apply, resubmit, withdraw
from finmart.centres.business.applications.operations.handling import (
    accept_application,
    close,
    mark_disbursed,
    mark_settled,
    mark_signed,
    refuse,
    return_application,
    start_review,
    take_up,
)
from finmart.centres.business.applications.operations.needs import (
    revise_need,
    save_draft,
    state_need,
    withdraw_need,
)
from finmart.centres.business.applications.operations.offers import (
    accept_offer,
    decline_offer,
    expire_offers,
    make_offer,
)
from finmart.centres.business.applications.operations.reviewing import reopen, request_review, uphold

__all__ = [
    "accept_application", "accept_offer", "apply", "close", "decline_offer", "expire_offers", "make_offer",
    "mark_disbursed", "mark_settled", "mark_signed", "refuse", "reopen",
    "request_review", "resubmit", "return_application", "revise_need",
    "save_draft", "start_review", "state_need", "take_up", "uphold", "withdraw", "withdraw_need",
]  # fmt: skip
