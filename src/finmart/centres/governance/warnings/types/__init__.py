"""The words of warnings: signals and what became of them; who is bound to whom, and what a failure would do."""

from finmart.centres.governance.warnings.types.quality import AlertQuality, Outcome
from finmart.centres.governance.warnings.types.signals import (
    Grade,
    LineKind,
    LineView,
    ScanResult,
    Signal,
    SignalCode,
    UnableToHandle,
    WarningsAct,
    WarningState,
    WarningView,
)
from finmart.centres.governance.warnings.types.stress import (
    Bearer,
    Bond,
    BondKind,
    Node,
    StressResult,
    Target,
    TargetKind,
    UnableToStress,
    Web,
    WebSummary,
)

__all__ = [
    "AlertQuality",
    "Bearer",
    "Bond",
    "BondKind",
    "Grade",
    "LineKind",
    "LineView",
    "Node",
    "Outcome",
    "ScanResult",
    "Signal",
    "SignalCode",
    "StressResult",
    "Target",
    "TargetKind",
    "UnableToHandle",
    "UnableToStress",
    "WarningState",
    "WarningView",
    "WarningsAct",
    "Web",
    "WebSummary",
]
