"""The daily look at due dates. It may run twice: an instalment is marked once."""

from procrastinate.contrib.django import app

from finmart.centres.business.servicing import operations, queries
from finmart.kit import transactions
from finmart.kit.actor import Actor

CALENDAR = Actor.of_system("due_dates")


@app.periodic(cron="10 16 * * *")  # ten past midnight in the city
@app.task(name="servicing:mark_overdue", queueing_lock="servicing:mark_overdue")
def mark_overdue(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Mark what was not paid on its day, each loan in a transaction of its own."""
    with transactions.opened():
        waiting = queries.loans_to_mark(CALENDAR)
    for loan_uuid in waiting:
        with transactions.opened():
            operations.mark_overdue(CALENDAR, loan_uuid)
