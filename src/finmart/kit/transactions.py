"""The transaction is opened at the edge (request, job, command); whatever writes requires it and never opens one."""

from contextlib import AbstractContextManager

from django.db import connection, transaction


class OutsideTransaction(RuntimeError):
    """A write was tried where no transaction is open: a mistake in the code, not of the user."""


def require() -> None:
    """Raise :class:`OutsideTransaction` unless a transaction is open."""
    if not connection.in_atomic_block:
        raise OutsideTransaction("an operation needs the transaction its edge opens")


def opened() -> AbstractContextManager[None]:
    """Open a transaction (at an edge), or a savepoint inside one."""
    return transaction.atomic()
