"""Needs, applications and offers, made through their operations."""

from datetime import timedelta
from decimal import Decimal

from factories import catalogue
from factories import parties as people
from finmart.centres.business.applications import operations
from finmart.centres.business.applications.types import NeedRef, NeedTerms, OfferTerms
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod

TERMS = NeedTerms(amount_fen=1_000_000_00, term_months=12, purpose=LoanPurpose.WORKING_CAPITAL, district="320508")


def need(firm: Actor, terms: NeedTerms = TERMS) -> NeedRef:
    return operations.state_need(firm, terms)


def product_of(bank: Actor, **changes) -> int:
    """Return the version id of an open product of this bank."""
    author = people.colleague(bank, Role.INSTITUTION_ADMINISTRATOR)
    return catalogue.listed(author, **changes).version_id


def offer_terms(**changes) -> OfferTerms:
    terms = {
        "amount_fen": 1_000_000_00,
        "term_months": 12,
        "annual_rate": Decimal("0.0435"),
        "repayment_method": RepaymentMethod.EQUAL_INSTALMENT,
        "valid_until": clock.now() + timedelta(days=7),
    }
    return OfferTerms(**{**terms, **changes})


def in_review(bank: Actor, application_uuid) -> None:
    operations.accept_application(bank, application_uuid)
    operations.start_review(bank, application_uuid)


def offered(bank: Actor, application_uuid, **changes):
    """Return the offer of a bank on a submitted application."""
    in_review(bank, application_uuid)
    return operations.make_offer(bank, application_uuid, offer_terms(**changes))
