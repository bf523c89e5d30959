"""Raising warnings by rule, and what people do about them (clause D5)."""

from finmart.centres.governance.warnings.operations.handling import lift, record_action, take
from finmart.centres.governance.warnings.operations.scanning import scan

__all__ = ["lift", "record_action", "scan", "take"]
