"""What is done with contracts. Clauses B2, B6."""

from finmart.centres.business.instruments.operations.drafting import draft_contract
from finmart.centres.business.instruments.operations.keeping import bring_into_force, end, void
from finmart.centres.business.instruments.operations.signing import sign

__all__ = ["bring_into_force", "draft_contract", "end", "sign", "void"]
