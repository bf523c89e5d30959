"""Which tasks of a process have effects of their own: the table that ``operations.bind`` fills."""

from finmart.centres.technical.processes.types import Binding

BINDINGS: dict[str, dict[str, Binding]] = {}


def binding_of(process_key: str, task: str) -> Binding | None:
    """Return what runs at a task, or None."""
    return BINDINGS.get(process_key, {}).get(task)


def bound(process_key: str) -> frozenset[str]:
    """Return the ids of the tasks that are bound."""
    return frozenset(BINDINGS.get(process_key, {}))
