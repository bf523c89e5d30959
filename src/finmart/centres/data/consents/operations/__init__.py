"""Granting and withdrawing consent, and the one door through which facts are disclosed (clause F2)."""

from finmart.centres.data.consents.operations.disclosing import disclose, disclose_copy, disclose_population
from finmart.centres.data.consents.operations.granting import (
    MOST_ENDED,
    end_expired,
    grant,
    record_basis,
    record_export,
    withdraw,
)

__all__ = [
    "MOST_ENDED", "disclose", "disclose_copy", "disclose_population", "end_expired", "grant", "record_basis",
    "record_export", "withdraw",
]  # fmt: skip
