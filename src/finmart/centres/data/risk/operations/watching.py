"""The watch on models in force: how far their scores moved from training, kept day by day (clause D4)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from finmart.centres.data.risk import policies
from finmart.centres.data.risk.events import DriftFound
from finmart.centres.data.risk.models import DriftReading, ModelVersion
from finmart.centres.data.risk.queries import versions
from finmart.centres.data.risk.types import RiskAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

THRESHOLD = "risk.drift.threshold"  # a setting of the city's pack
_PLACES = Decimal("0.000001")


def watch_drift(actor: Actor) -> int:
    """Measure every scorecard in force once a day; return how many were measured now.

    Where the index goes beyond the threshold for the first time, or again after a day within it, the model's owner is
    told (DriftFound). Run again on the same day it writes nothing. Raises AccessDenied; UnableToUseModel where a file
    was tampered with.
    """
    transactions.require()
    if not policies.can_train(actor):
        raise AccessDenied("您无权监测风险模型")
    today, threshold = clock.today(), Decimal(str(parameters_queries.value(THRESHOLD)))
    return sum(_watch(actor, version, today, threshold) for version in versions.all_in_force())


def _watch(actor: Actor, version: ModelVersion, today: date, threshold: Decimal) -> bool:
    if DriftReading.objects.filter(version=version, checked_on=today).exists():
        return False
    scores = versions.newest_scores(version)
    index = versions.drift_of(version, scores)
    if index is None:
        return False
    columns = versions.column_drift_of(version, scores)
    before = DriftReading.objects.filter(version=version).order_by("-checked_on").first()
    found = Decimal(index).quantize(_PLACES)
    is_beyond = found > threshold
    DriftReading.objects.create(
        version=version, checked_on=today, scores=len(scores), index=found, threshold=threshold, is_beyond=is_beyond,
        columns={code: round(value, 6) for code, value in columns},
    )  # fmt: skip
    audit_operations.record(
        actor, RiskAct.DRIFT_WATCH, f"model:{version.uuid}", index=str(found), is_beyond=is_beyond, scores=len(scores)
    )
    if is_beyond and not (before and before.is_beyond):
        events.publish(
            DriftFound(version.uuid, version.name, version.number, found, threshold, tuple(_owners(version)))
        )
    return True


def _owners(version: ModelVersion) -> Sequence[int]:
    """Return who answers for a version: its maker, or those who approved it where the system made it."""
    if version.made_by_id is not None:
        return [version.made_by_id]
    return list(version.opinions.order_by("pk").values_list("person_id", flat=True))
