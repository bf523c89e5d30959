"""What the centre answers: warnings, and what a failure would do to everybody on the platform."""

from finmart.centres.governance.warnings.queries.quality import measured_for, quality_on_sme_2020
from finmart.centres.governance.warnings.queries.seen import (
    borrower_warnings_for,
    borrowers_for,
    overseen_for,
    overseen_stress_for,
)
from finmart.centres.governance.warnings.queries.stress import red_for, stress_for, summary_for
from finmart.centres.governance.warnings.queries.watching import (
    counts_for,
    figures,
    rules_for,
    warning_for,
    warnings_for,
)

__all__ = [
    "borrower_warnings_for", "borrowers_for", "counts_for", "figures", "measured_for", "overseen_for",
    "overseen_stress_for", "quality_on_sme_2020", "red_for", "rules_for", "stress_for", "summary_for", "warning_for",
    "warnings_for",
]  # fmt: skip
