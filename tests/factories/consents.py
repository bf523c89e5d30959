"""Consents between a firm and an institution."""

from datetime import timedelta

from finmart.centres.data.consents import operations
from finmart.centres.data.consents.types import Purpose
from finmart.kit import clock


def consent(legal_person, recipient, *fact_types, purpose=Purpose.LOAN_REVIEW, days=30, months_back=24, **terms):
    """Have the firm's legal person let the recipient's organisation read fact types; returns the ConsentView."""
    return operations.grant(
        legal_person,
        grantor_id=legal_person.organisation_id,
        recipient_id=recipient.organisation_id,
        purpose=purpose,
        fact_types=fact_types or ("annual_sales_fen", "employees"),
        months_back=months_back,
        valid_to=clock.now() + timedelta(days=days),
        **terms,
    )
