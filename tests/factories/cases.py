"""Cases, made through their operations."""

from finmart.centres.business.cases import operations
from finmart.centres.business.cases.types import CaseKind, CaseParty, CaseRef, PartyRole
from finmart.kit.actor import Actor


def loan_case(firm: Actor, bank: Actor, *more: CaseParty, title: str = "流动资金贷款") -> CaseRef:
    """Return a new loan case between a firm and a bank, opened by the firm."""
    return operations.open(
        firm,
        kind=CaseKind.BANK_LOAN,
        title=title,
        parties=[
            CaseParty(PartyRole.BORROWER, organisation_id=firm.organisation_id),
            CaseParty(PartyRole.LENDER, organisation_id=bank.organisation_id),
            *more,
        ],
    )
