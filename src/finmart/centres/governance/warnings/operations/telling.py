"""From a row to the event that tells of it."""

from typing import TypeVar

from finmart.centres.governance.warnings.events import WarningEvent
from finmart.centres.governance.warnings.models import RaisedWarning
from finmart.centres.governance.warnings.rules.signals import SIGNALS
from finmart.centres.governance.warnings.types import SignalCode
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import events

E = TypeVar("E", bound=WarningEvent)


def tell(kind: type[E], row: RaisedWarning) -> None:
    """Publish an event of this kind about the warning."""
    signal = SIGNALS[SignalCode(row.signal)]
    events.publish(
        kind(
            uuid=row.uuid,
            firm_name=parties_queries.organisation(row.firm_id).name,
            signal_label=signal.code.label,
            grade=row.grade,
            due_at=row.due_at,
            owner_id=row.owner_id,
            owner_role=signal.owner_role,
        )
    )
