"""What happens by itself: offers nobody answered expire."""

from procrastinate.contrib.django import app

from finmart.centres.business.applications import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor


@app.periodic(cron="*/10 * * * *")
@app.task(name="applications:expire_offers", queueing_lock="applications:expire_offers", pass_context=False)
def expire_offers(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes the moment it was due
    """Let offers whose time is over expire; run again, it finds none."""
    with transactions.opened():
        return operations.expire_offers(Actor.of_system("offers"))
