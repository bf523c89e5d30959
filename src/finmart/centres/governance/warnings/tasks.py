"""The daily scan and the look at deadlines. Both may run twice: what was said is not said again."""

from procrastinate.contrib.django import app

from finmart.centres.governance.warnings import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor

SCANNER = Actor.of_system("风险预警")


@app.periodic(cron="40 16 * * *")  # twenty to one at night in the city, after due dates were looked at
@app.task(name="warnings:scan", queueing_lock="warnings:scan")
def scan(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Look at every firm once."""
    with transactions.opened():
        operations.scan(SCANNER)


@app.periodic(cron="*/15 * * * *")
@app.task(name="warnings:watch_deadlines", queueing_lock="warnings:watch_deadlines")
def watch_deadlines(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Remind of what is due soon and report what is late."""
    with transactions.opened():
        operations.watch_deadlines(SCANNER)


@app.periodic(cron="20 18 * * 6")  # early on Sunday in the city
@app.task(name="warnings:measure_quality", queueing_lock="warnings:measure_quality")
def measure_quality(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Measure how good the signals were on the invoices there are."""
    with transactions.opened():
        operations.measure_quality(SCANNER)
