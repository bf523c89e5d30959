"""Raising warnings by rule, and what people do about them (clause D5)."""

from finmart.centres.governance.warnings.operations.deadlines import watch_deadlines
from finmart.centres.governance.warnings.operations.handling import assign, lift, record_action, take, upgrade
from finmart.centres.governance.warnings.operations.measuring import measure_quality
from finmart.centres.governance.warnings.operations.scanning import scan

__all__ = ["assign", "lift", "measure_quality", "record_action", "scan", "take", "upgrade", "watch_deadlines"]
