"""The words of risk: networks of exposures, what a shock does to them, circles of guarantees."""

from finmart.centres.data.risk.types.contagion import (
    ExposureNetwork,
    ShockOutcome,
    Spread,
    SpreadMethod,
    UnableToSpread,
)
from finmart.centres.data.risk.types.guarantees import Circles, Reach, UnableToReadGuarantees

__all__ = [
    "Circles", "ExposureNetwork", "Reach", "ShockOutcome", "Spread", "SpreadMethod", "UnableToReadGuarantees",
    "UnableToSpread",
]  # fmt: skip
