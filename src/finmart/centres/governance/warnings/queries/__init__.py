"""What the centre answers: what a failure would do to everybody on the platform."""

from finmart.centres.governance.warnings.queries.stress import stress_for, summary_for

__all__ = ["stress_for", "summary_for"]
