"""What happens by itself: consents come to their end."""

from procrastinate.contrib.django import app

from finmart.centres.data.consents import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor


@app.periodic(cron="*/5 * * * *")
@app.task(name="consents:end_expired", queueing_lock="consents:end_expired", pass_context=False)
def end_expired(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Carry out the end of consents whose time is over, so that copies go; run again, it finds none."""
    ended = 0
    while True:
        with transactions.opened():
            found = operations.end_expired(Actor.of_system("consents"))
        ended += found
        if found < operations.MOST_ENDED:
            return ended
