"""Sealing anew in the background, so that a rotation ends also where the command was killed."""

from procrastinate.contrib.django import app

from finmart.centres.technical.keys import operations, queries
from finmart.kit import transactions
from finmart.kit.actor import Actor

RESEALER = Actor.of_system("keys")


@app.periodic(cron="*/10 * * * *")
@app.task(name="keys:reseal", queueing_lock="keys:reseal")
def reseal(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Go on with an open rotation, batch by batch; nothing to do where there is none."""
    if not queries.is_rotating():
        return
    for column in queries.columns_for(RESEALER):
        after: int | None = 0 if column.stale else None
        while after is not None:
            with transactions.opened():
                after = operations.reseal(RESEALER, column.name, after).after
    with transactions.opened():
        operations.finish(RESEALER)
