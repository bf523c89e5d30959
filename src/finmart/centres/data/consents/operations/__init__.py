"""Granting and withdrawing consent, and the one door through which facts are disclosed (clause F2)."""

from finmart.centres.data.consents.operations.disclosing import disclose, disclose_population
from finmart.centres.data.consents.operations.granting import grant, record_basis, withdraw

__all__ = ["disclose", "disclose_population", "grant", "record_basis", "withdraw"]
