"""The words of risk: networks of exposures and circles of guarantees; models, measures and what may not be learnt."""

from finmart.centres.data.risk.types.contagion import (
    ExposureNetwork,
    ShockOutcome,
    Spread,
    SpreadMethod,
    UnableToSpread,
)
from finmart.centres.data.risk.types.guarantees import Circles, Reach, UnableToReadGuarantees
from finmart.centres.data.risk.types.scoring import (
    Backtest,
    CalibrationRow,
    Confusion,
    GroupRow,
    Leak,
    LeakReason,
    Measures,
    ModelKind,
    TableOptions,
    UnableToTrain,
)

__all__ = [
    "Backtest", "CalibrationRow", "Circles", "Confusion", "ExposureNetwork", "GroupRow", "Leak", "LeakReason",
    "Measures", "ModelKind", "Reach", "ShockOutcome", "Spread", "SpreadMethod", "TableOptions",
    "UnableToReadGuarantees", "UnableToSpread", "UnableToTrain",
]  # fmt: skip
