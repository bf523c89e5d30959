"""Rules of quality for tests, read as a pack's are."""

from datetime import date
from uuid import UUID

from factories import parties, profiles
from finmart.centres.data.quality import operations, queries
from finmart.centres.data.quality.rules import definitions
from finmart.kit.actor import Actor

JUDGE = Actor.of_system("quality")
CODE = "tax_and_revenue"

ROW = {
    "code": "tried", "dimension": "VALID", "subject": "INVOICES", "label": "试", "meaning": "试",
    "check": {"kind": "known", "columns": ["number"]}, "most_failed": "0", "days_to_mend": 5,
    "source": "试", "example": True, "valid_from": date(2018, 1, 1),
}  # fmt: skip


def row(**changes):
    return ROW | changes


def rule(**changes):
    return definitions.read(row(**changes))


def lapse(operator: Actor) -> UUID:
    """Return the open lapse of the rule CODE, made by a firm whose tax and revenue contradict each other."""
    firm = parties.enterprise(name="账实不符企业")
    profiles.facts(firm.organisation_id, annual_revenue_fen=1_000_000, annual_tax_fen=900_000)
    operations.run(JUDGE)
    return queries.rule_for(operator, CODE).rule.lapse.uuid
