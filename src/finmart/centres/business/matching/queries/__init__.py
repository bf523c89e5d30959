"""What may be asked of matching: runs with every reason, a changed criterion tried on the city."""

from finmart.centres.business.matching.queries.conclusions import conclusions_for
from finmart.centres.business.matching.queries.quality import decided_matches, latest_chances, quality_for
from finmart.centres.business.matching.queries.runs import figures, replay, run_for, runs_for, told_to
from finmart.centres.business.matching.queries.what_if import may_try_criteria

__all__ = [
    "conclusions_for",
    "decided_matches",
    "figures",
    "latest_chances",
    "may_try_criteria",
    "quality_for",
    "replay",
    "run_for",
    "runs_for",
    "told_to",
]
