"""Reading processes, always for an actor."""

from finmart.centres.technical.processes.queries.definitions import definition

__all__ = ["definition"]
