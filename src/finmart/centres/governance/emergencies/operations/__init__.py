"""Adopting plans, running emergencies and drills, proposing and reminding (clause D5)."""

from finmart.centres.governance.emergencies.operations.adopting import adopt_plans
from finmart.centres.governance.emergencies.operations.learning import finish_improvement, note_improvements
from finmart.centres.governance.emergencies.operations.revising import (
    adopt_revision,
    propose_revision,
    reject_revision,
    withdraw_revision,
)
from finmart.centres.governance.emergencies.operations.running import (
    answer_call,
    assess,
    call,
    close,
    file_report,
    record_step,
    require_steps,
    stand_down,
    start,
)
from finmart.centres.governance.emergencies.operations.watching import dismiss, propose, propose_outages, remind

__all__ = [
    "adopt_plans", "adopt_revision", "answer_call", "assess", "call", "close", "dismiss", "file_report",
    "finish_improvement", "note_improvements", "propose", "propose_outages", "propose_revision", "record_step",
    "reject_revision", "remind", "require_steps", "stand_down", "start", "withdraw_revision",
]  # fmt: skip
