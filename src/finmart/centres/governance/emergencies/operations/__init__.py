"""Adopting plans, running emergencies and drills, proposing and reminding (clause D5)."""

from finmart.centres.governance.emergencies.operations.adopting import adopt_plans
from finmart.centres.governance.emergencies.operations.learning import finish_improvement, note_improvements
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
from finmart.centres.governance.emergencies.operations.watching import dismiss, propose, remind

__all__ = [
    "adopt_plans", "answer_call", "assess", "call", "close", "dismiss", "file_report", "finish_improvement",
    "note_improvements", "propose", "record_step", "remind", "require_steps", "stand_down", "start",
]  # fmt: skip
