"""Repayment schedules, day counts, prepayment and the all-in annual rate. Pure: no clock, no database.

Rules and a worked table: ``docs/algorithms/repayment.md``.
"""

from finmart.kit.finance.costs import AnnualCost, Fee, annual_cost
from finmart.kit.finance.days import due_dates, year_share
from finmart.kit.finance.prepayments import Prepaid, PrepaymentMode, Standing, interest_to, prepay
from finmart.kit.finance.schedules import plan
from finmart.kit.finance.terms import DayCount, Instalment, RepaymentMethod, Terms

__all__ = [
    "AnnualCost",
    "DayCount",
    "Fee",
    "Instalment",
    "Prepaid",
    "PrepaymentMode",
    "RepaymentMethod",
    "Standing",
    "Terms",
    "annual_cost",
    "due_dates",
    "interest_to",
    "plan",
    "prepay",
    "year_share",
]
