"""The nightly look. It may run twice: what is proposed is not proposed again, and a notice has its key."""

from procrastinate.contrib.django import app

from finmart.centres.governance.emergencies import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor

WATCHER = Actor.of_system("emergencies")


@app.periodic(cron="55 16 * * *")  # five to one at night in the city, after the scan of warnings
@app.task(name="emergencies:watch", queueing_lock="emergencies:watch")
def watch(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Propose what the night's warnings ask for, and remind of drills and improvements that are overdue."""
    with transactions.opened():
        operations.propose(WATCHER)
    with transactions.opened():
        operations.remind(WATCHER)
