"""Where a case stands: activations with their lineage and tokens that wait at joins. Small, plain JSON, versioned.

An activation is one visit to an element. Its ``sources`` are the activations its tokens came from, so that "all that
descends from here" is a walk over the list. What a return takes back is removed: the state holds the present only,
the events of the case hold the past.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FORMAT = 1


class Status(StrEnum):
    """DONE and TIMED_OUT have passed; KILLED fell to a terminate end and rises if that end is taken back."""

    DONE = "D"
    KILLED = "K"
    LIVE = "L"
    TIMED_OUT = "T"


@dataclass(slots=True)
class Activation:
    """One visit to element ``node`` in the scope opened by activation ``scope`` (0: the process itself)."""

    id: int
    node: str
    scope: int
    sources: tuple[int, ...]
    flows: tuple[str, ...]
    status: Status = Status.DONE
    killer: int = 0


@dataclass(slots=True)
class Token:
    """A token on its way or waiting at a join: it came from ``source`` along ``flow`` to ``node``."""

    node: str
    flow: str
    source: int
    scope: int
    killer: int = 0


class UnknownFormat(ValueError):
    """A state written by a newer version of the platform."""


@dataclass(slots=True)
class State:
    """All activations by id, waiting tokens, the next id, and whether the process has ended."""

    activations: dict[int, Activation] = field(default_factory=dict)
    waiting: list[Token] = field(default_factory=list)
    next_id: int = 1
    ended: bool = False

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "State":
        """Read what :meth:`dump` wrote, of this or an older format. Raises UnknownFormat for a newer one."""
        if stored["v"] != FORMAT:
            raise UnknownFormat(f"state format {stored['v']}, known: {FORMAT}")
        rows = (Activation(a[0], a[1], a[2], tuple(a[3]), tuple(a[4]), Status(a[5]), a[6]) for a in stored["a"])
        return cls({row.id: row for row in rows}, [Token(*t) for t in stored["t"]], stored["n"], stored["e"])

    def dump(self) -> dict[str, Any]:
        """Return plain JSON values; equal states give equal values."""
        return {
            "v": FORMAT,
            "n": self.next_id,
            "e": self.ended,
            "a": [
                [a.id, a.node, a.scope, list(a.sources), list(a.flows), a.status.value, a.killer]
                for a in self.activations.values()
            ],
            "t": [[t.node, t.flow, t.source, t.scope, t.killer] for t in self.waiting],
        }

    def live(self) -> Iterator[Activation]:
        return (each for each in self.activations.values() if each.status is Status.LIVE)

    def descendants(self, origin: int) -> set[int]:
        """Return ``origin`` and all that came from it. Ids grow from source to descendant, so one walk is enough."""
        found = {origin}
        for identity in sorted(self.activations):
            if identity > origin and not found.isdisjoint(self.activations[identity].sources):
                found.add(identity)
        return found

    def ancestors(self, descendant: int) -> set[int]:
        """Return all that led to this activation, itself excluded."""
        found: set[int] = set()
        pending = [descendant]
        while pending:
            for source in self.activations[pending.pop()].sources:
                if source and source not in found:
                    found.add(source)
                    pending.append(source)
        return found

    def is_within(self, scope: int, outer: int) -> bool:
        """Is ``scope`` the scope ``outer`` or inside it?"""
        while scope != outer:
            if not scope:
                return False
            scope = self.activations[scope].scope
        return True
