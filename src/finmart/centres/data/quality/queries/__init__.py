"""What the centre answers: rules with their figures and history, for the operator."""

from finmart.centres.data.quality.queries.watching import figures, owners_for, rule_for, rules_for

__all__ = ["figures", "owners_for", "rule_for", "rules_for"]
