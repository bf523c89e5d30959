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
from finmart.centres.governance.emergencies.queries.revisions import (
    newest_words_for,
    plan_version_for,
    revision_for,
    versions_for,
    waiting_revisions_for,
)

__all__ = [
    "emergencies_for", "emergency_for", "emergency_of_case_for", "figures", "newest_words_for", "plan_rows_for",
    "plan_version_for", "proposals_for", "regulators_and_institutions_for", "revision_for", "terms_of_case",
    "versions_for", "waiting_revisions_for",
]  # fmt: skip
