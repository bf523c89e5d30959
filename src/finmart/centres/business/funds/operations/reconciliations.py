"""Comparing the ledger with the bank, and keeping what came out."""

from collections.abc import Sequence
from datetime import date

from finmart.centres.business.funds import policies, queries
from finmart.centres.business.funds.models import Reconciliation
from finmart.centres.business.funds.types import FundsAct, ReconciliationView, StatementEntry
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def record_reconciliation(
    actor: Actor, lender_id: int, day: date, statement: Sequence[StatementEntry]
) -> ReconciliationView:
    """Compare a lender's books with its bank for a city day and keep the answer; ``statement`` as for ``reconcile``."""
    transactions.require()
    if not policies.can_settle(actor):
        raise AccessDenied("对账由系统办理")
    found = queries.reconcile(actor, lender_id, day, statement)
    row = Reconciliation.objects.create(
        lender_id=lender_id, day=day, done_at=clock.now(),
        bookings=sum(entry.booked_at.astimezone(clock.CITY_ZONE).date() == day for entry in statement),
        differences=[
            {"key": d.key, "kind": str(d.kind), "ledger_fen": d.ledger_fen, "bank_fen": d.bank_fen} for d in found
        ],
    )  # fmt: skip
    audit_operations.record(
        actor, FundsAct.RECONCILIATION_RECORD, f"reconciliation:{row.pk}", lender=lender_id, day=day.isoformat(),
        differences=len(found),
    )  # fmt: skip
    return queries.reconciliation_view(row)
