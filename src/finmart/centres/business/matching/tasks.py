"""What happens by itself: the chances of matches are learnt anew every night."""

from procrastinate.contrib.django import app

from finmart.centres.business.matching import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor


@app.periodic(cron="20 18 * * *")  # twenty past two at night in the city
@app.task(name="matching:learn_chances", queueing_lock="matching:learn_chances", pass_context=False)
def learn_chances(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Learn from the applications decided so far; run again on the same ones, it writes nothing."""
    with transactions.opened():
        return operations.learn_chances(Actor.of_system("matching"))
