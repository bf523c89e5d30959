"""Deleting a firm's invoices, as a granted request asks."""

from finmart.centres.data.sources.models import Invoice
from finmart.centres.data.sources.types import SourcesAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import rowpolicies, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def erase_invoices(actor: Actor, organisation_id: int) -> int:
    """Delete all invoices of a firm and return how many; loads stay as a record. For the platform only."""
    transactions.require()
    if not actor.system:
        raise AccessDenied("发票只按已同意的申请删除")
    with rowpolicies.upkeep():
        gone, _ = Invoice.objects.filter(organisation_id=organisation_id).delete()
    audit_operations.record(actor, SourcesAct.INVOICES_ERASE, f"organisation:{organisation_id}", invoices=gone)
    return gone
