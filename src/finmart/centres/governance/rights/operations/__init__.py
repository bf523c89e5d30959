"""Asking about one's own data, answering in time, looking again, carrying out (clause F2)."""

from finmart.centres.governance.rights.operations.archiving import archive
from finmart.centres.governance.rights.operations.asking import appeal, request, withdraw
from finmart.centres.governance.rights.operations.handling import accept, answer, escalate, review

__all__ = ["accept", "answer", "appeal", "archive", "escalate", "request", "review", "withdraw"]
