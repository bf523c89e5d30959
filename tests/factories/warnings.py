"""Warnings, raised by the scan as every night."""

from uuid import UUID

from factories import profiles
from finmart.centres.governance.warnings import operations, queries
from finmart.kit.actor import Actor

SCANNER = Actor.of_system("warnings")


def litigation(operator: Actor, organisation_id: int, count: int = 3) -> UUID:
    """Return the warning that many lawsuits of a firm raise: three are yellow, ten red."""
    profiles.facts(organisation_id, litigation_count=count)
    operations.scan(SCANNER)
    return next(row.uuid for row in queries.warnings_for(operator) if row.signal_label == "涉诉增多")
