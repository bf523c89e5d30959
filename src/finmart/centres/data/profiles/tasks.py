"""The jobs of profiles: computing facts, ending copies whose days are over, reminding of disputes.

Each may run again: the same facts come out, nothing ends or is said twice.
"""

from procrastinate.contrib.django import app

from finmart.centres.data.profiles import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor

COMPUTER = Actor.of_system("profiles")


@app.task(name="profiles:compute")
def compute(organisation_ids: list[int]) -> None:
    """Compute the invoice facts of firms of which new invoices came in."""
    with transactions.opened():
        operations.compute(COMPUTER, organisation_ids)


@app.periodic(cron="*/5 * * * *")
@app.task(name="profiles:end_copies", queueing_lock="profiles:end_copies", pass_context=False)
def end_copies(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Delete or block copies whose days are over; run again, it finds none."""
    ended = 0
    while True:
        with transactions.opened():
            found = operations.end_kept_out(Actor.of_system("copies"))
        ended += found
        if found < operations.MOST_ENDED:
            return ended


@app.periodic(cron="*/30 * * * *")
@app.task(name="profiles:watch_disputes", queueing_lock="profiles:watch_disputes")
def watch_disputes(timestamp: int) -> None:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Remind of disputes that are due soon and report those that are late."""
    with transactions.opened():
        operations.remind_of_disputes(COMPUTER)
