"""Runs of the rules. Each may run twice: a day's second run says the same, a load is judged once."""

from uuid import UUID

from procrastinate.contrib.django import app

from finmart.centres.data.quality import operations
from finmart.centres.data.quality.types import Trigger
from finmart.kit import transactions
from finmart.kit.actor import Actor

JUDGE = Actor.of_system("数据质量检查")


@app.periodic(cron="10 17 * * *")  # ten past one at night in the city, when sources have been read
@app.task(name="quality:run", queueing_lock="quality:run")
def run(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Judge everything by every rule in force."""
    with transactions.opened():
        operations.run(JUDGE, trigger=Trigger.DAILY)


@app.task(name="quality:run_asked")
def run_asked() -> None:
    """Judge everything because a person asked."""
    with transactions.opened():
        operations.run(JUDGE, trigger=Trigger.ASKED)


@app.task(name="quality:run_after_load")
def run_after_load(load_uuid: str) -> None:
    """Judge what one load touched."""
    with transactions.opened():
        operations.run(JUDGE, load_uuid=UUID(load_uuid))
