"""Which cases this very call is moving: an event a step causes must not end the process that caused it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_cases: ContextVar[frozenset[UUID]] = ContextVar("advancing_cases", default=frozenset())


@contextmanager
def marked(case_uuid: UUID) -> Iterator[None]:
    """Mark a case as being moved by its own process for the length of a block."""
    token = _cases.set(_cases.get() | {case_uuid})
    try:
        yield
    finally:
        _cases.reset(token)


def is_marked(case_uuid: UUID) -> bool:
    return case_uuid in _cases.get()
