"""What the centre answers: rules with their figures and history, for the operator."""

from finmart.centres.data.quality.queries.watching import batch_figures_for, figures, owners_for, rule_for, rules_for

__all__ = ["batch_figures_for", "figures", "owners_for", "rule_for", "rules_for"]
