"""Sending disbursements, drawing repayments, writing the ledger, reconciling it. Clauses B6, B10."""

from finmart.centres.business.funds.operations.collections import collect
from finmart.centres.business.funds.operations.disbursements import (
    check_disbursement,
    fulfil_condition,
    fulfil_conditions,
    open_disbursement,
    pay,
    record_return,
)
from finmart.centres.business.funds.operations.ledger import post, record_repayment
from finmart.centres.business.funds.operations.queueing import SEND_PAYMENT
from finmart.centres.business.funds.operations.reconciliations import record_reconciliation
from finmart.centres.business.funds.operations.settlements import chase, settle

__all__ = [
    "SEND_PAYMENT",
    "chase",
    "check_disbursement",
    "collect",
    "fulfil_condition",
    "fulfil_conditions",
    "open_disbursement",
    "pay",
    "post",
    "record_reconciliation",
    "record_repayment",
    "record_return",
    "settle",
]
