"""One visible table: event → reaction, and the bindings of the journeys."""

from collections.abc import Callable
from typing import Any

from finmart.desks.accounts import demo
from finmart.kit import events
from finmart.twin import people

REACTIONS: list[tuple[type[events.Event], Callable[[Any], None]]] = []


def connect() -> None:
    """Subscribe every reaction of the table. Called once by the application registry."""
    for event, reaction in REACTIONS:
        events.subscribe(event, reaction)
    demo.offer([demo.DemoAccount(account.username, people.label_of(account)) for account in people.DEMO_ACCOUNTS])
