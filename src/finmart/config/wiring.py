"""One visible table: event → reaction, and the bindings of the journeys."""

from collections.abc import Callable
from typing import Any

from finmart.kit import events

REACTIONS: list[tuple[type[events.Event], Callable[[Any], None]]] = []


def connect() -> None:
    """Subscribe every reaction of the table. Called once by the application registry."""
    for event, reaction in REACTIONS:
        events.subscribe(event, reaction)
