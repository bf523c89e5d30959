"""Starting a loan, taking repayments, watching due dates, looking after it. Clauses B6, O5."""

from finmart.centres.business.servicing.operations.checks import record_after_loan_check
from finmart.centres.business.servicing.operations.loans import cancel_returned, mark_overdue, start_loan
from finmart.centres.business.servicing.operations.repayments import prepay, repay, settle
from finmart.centres.business.servicing.operations.requests import apply_collection, request_repayment

__all__ = [
    "apply_collection",
    "cancel_returned",
    "mark_overdue",
    "prepay",
    "record_after_loan_check",
    "repay",
    "request_repayment",
    "settle",
    "start_loan",
]
