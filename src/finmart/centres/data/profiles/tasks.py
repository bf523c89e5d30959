"""Computing facts as a job. It may run twice: the same invoices give the same facts."""

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
