"""What may be asked of matching: runs with every reason, a changed criterion tried on the city."""

from finmart.centres.business.matching.queries.conclusions import conclusions_for
from finmart.centres.business.matching.queries.quality import (
    decided_matches,
    latest_chances,
    latest_learnt,
    quality_for,
    seen_too_little,
)
from finmart.centres.business.matching.queries.runs import figures, replay, run_for, runs_for, told_to
from finmart.centres.business.matching.queries.what_if import may_try_criteria

__all__ = [
    "conclusions_for",
    "decided_matches",
    "figures",
    "latest_chances",
    "latest_learnt",
    "may_try_criteria",
    "quality_for",
    "replay",
    "run_for",
    "runs_for",
    "seen_too_little",
    "told_to",
]
