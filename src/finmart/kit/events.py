"""Events between centres: published downstairs, answered upstairs, in the same transaction.

A centre publishes a frozen dataclass; ``config/wiring.py`` says who reacts. A reaction that leaves the database
queues a job instead of acting at once.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from finmart.kit import transactions


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; a subclass names what has happened, in the past tense."""


E = TypeVar("E", bound=Event)
_reactions: dict[type[Event], list[Callable[..., None]]] = defaultdict(list)


def subscribe(kind: type[E], reaction: Callable[[E], None]) -> None:
    """Have ``reaction`` called for every event of exactly this type. Subscribing twice changes nothing."""
    if reaction not in _reactions[kind]:
        _reactions[kind].append(reaction)


def publish(event: Event) -> None:
    """Tell the subscribers, in the caller's transaction: if one refuses, all of it is undone."""
    transactions.require()
    for reaction in _reactions[type(event)]:
        reaction(event)
