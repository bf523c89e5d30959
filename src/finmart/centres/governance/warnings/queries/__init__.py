"""What the centre answers: warnings, and what a failure would do to everybody on the platform."""

from finmart.centres.governance.warnings.queries.quality import quality_on_sme_2020
from finmart.centres.governance.warnings.queries.stress import red_for, stress_for, summary_for
from finmart.centres.governance.warnings.queries.watching import (
    counts_for,
    figures,
    rules_for,
    warning_for,
    warnings_for,
)

__all__ = [
    "counts_for", "figures", "quality_on_sme_2020", "red_for", "rules_for", "stress_for", "summary_for", "warning_for",
    "warnings_for",
]  # fmt: skip
