"""Measuring how good the signals are, on the platform's own history."""

from finmart.centres.governance.warnings.models import QualityMeasure
from finmart.centres.governance.warnings.queries.quality import quality_of_own, stored
from finmart.centres.governance.warnings.types import WarningsAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor


def measure_quality(actor: Actor) -> int:
    """Measure all signals over invoices and keep the result; return how many rows. Raises AccessDenied for people."""
    transactions.require()
    rows = quality_of_own(actor)
    QualityMeasure.objects.create(at=clock.now(), rows=[stored(row) for row in rows])
    audit_operations.record(actor, WarningsAct.QUALITY_MEASURE, "warnings:quality", rows=len(rows))
    return len(rows)
