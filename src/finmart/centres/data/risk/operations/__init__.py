"""Making, changing and approving models, scoring firms with the one in force, and watching it (clause D4)."""

from finmart.centres.data.risk.operations.approving import approve, reject
from finmart.centres.data.risk.operations.changing import change_bins, change_points, change_reason
from finmart.centres.data.risk.operations.learning import propose, record_outcomes
from finmart.centres.data.risk.operations.scoring import score
from finmart.centres.data.risk.operations.showing import show_score
from finmart.centres.data.risk.operations.training import train_sme_2020, train_table
from finmart.centres.data.risk.operations.watching import watch_drift

__all__ = [
    "approve", "change_bins", "change_points", "change_reason", "propose", "record_outcomes", "reject", "score",
    "show_score", "train_sme_2020", "train_table", "watch_drift",
]  # fmt: skip
