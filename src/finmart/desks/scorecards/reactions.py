"""Who is told when a model drifts: its owner, with a link to the card (clause D4)."""

from django.urls import reverse

from finmart.centres.data.risk.events import DriftFound
from finmart.centres.technical.notices import operations as notices_operations
from finmart.kit import clock
from finmart.kit.actor import Actor

TELLER = Actor.of_system("scorecards")


def on_drift_found(event: DriftFound) -> None:
    notices_operations.notify(
        TELLER,
        person_ids=event.owners,
        template="model_drift",
        values={
            "model": f"{event.name}第 {event.number} 版",
            "index": f"{event.index:.3f}",
            "threshold": f"{event.threshold:.2f}",
        },
        link=reverse("scorecards:card", args=[event.version_uuid]),
        key=f"drift:{event.version_uuid}:{clock.today():%Y%m%d}",
    )
