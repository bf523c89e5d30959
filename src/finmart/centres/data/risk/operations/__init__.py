"""Making, changing and approving models, and scoring firms with the one in force (clause D4)."""

from finmart.centres.data.risk.operations.approving import approve, reject
from finmart.centres.data.risk.operations.scoring import score
from finmart.centres.data.risk.operations.training import change_points, train_sme_2020, train_table

__all__ = ["approve", "change_points", "reject", "score", "train_sme_2020", "train_table"]
