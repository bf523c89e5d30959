"""Making, changing and approving models, scoring firms with the one in force, and watching it (clause D4)."""

from finmart.centres.data.risk.operations.approving import approve, reject
from finmart.centres.data.risk.operations.learning import propose, record_outcomes
from finmart.centres.data.risk.operations.scoring import score
from finmart.centres.data.risk.operations.training import change_points, train_sme_2020, train_table
from finmart.centres.data.risk.operations.watching import watch_drift

__all__ = [
    "approve", "change_points", "propose", "record_outcomes", "reject", "score", "train_sme_2020", "train_table",
    "watch_drift",
]  # fmt: skip
