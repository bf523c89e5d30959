"""The nightly building. It may run twice: a day's store takes the place of what was there."""

from procrastinate.contrib.django import app

from finmart.centres.data.desensitised import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor

BUILDER = Actor.of_system("脱敏库构建")


@app.periodic(cron="20 17 * * *")  # twenty past one at night in the city, after facts were computed
@app.task(name="desensitised:build", queueing_lock="desensitised:build")
def build(timestamp: int) -> int:  # noqa: ARG001 - the scheduler passes it
    """Build today's store; return how many firms it holds."""
    with transactions.opened():
        return operations.build(BUILDER)
