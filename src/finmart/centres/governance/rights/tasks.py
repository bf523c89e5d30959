"""What happens by itself: clocks that run out are told of."""

from procrastinate.contrib.django import app

from finmart.centres.governance.rights import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor


@app.periodic(cron="*/30 * * * *")
@app.task(name="rights:escalate", queueing_lock="rights:escalate", pass_context=False)
def escalate(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Tell of requests whose time is over; run again, it tells nothing twice."""
    with transactions.opened():
        return operations.escalate(Actor.of_system("rights"))
