"""Reading plans, emergencies and drills."""

from finmart.centres.governance.emergencies.queries.reading import (
    emergencies_for,
    emergency_for,
    emergency_of_case_for,
    figures,
    plan_rows_for,
    proposals_for,
    regulators_and_institutions_for,
    terms_of_case,
)

__all__ = [
    "emergencies_for", "emergency_for", "emergency_of_case_for", "figures", "plan_rows_for", "proposals_for",
    "regulators_and_institutions_for", "terms_of_case",
]  # fmt: skip
