"""The daily scan. It may run twice: what stands is not raised again."""

from procrastinate.contrib.django import app

from finmart.centres.governance.warnings import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor

SCANNER = Actor.of_system("warnings")


@app.periodic(cron="40 16 * * *")  # twenty to one at night in the city, after due dates were looked at
@app.task(name="warnings:scan", queueing_lock="warnings:scan")
def scan(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Look at every firm once."""
    with transactions.opened():
        operations.scan(SCANNER)
