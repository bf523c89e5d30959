"""What happens by itself: every night firms are scored and models watched, every month a challenger is proposed.

Each may run twice. Nothing here approves a model.
"""

from procrastinate.contrib.django import app

from finmart.centres.data.risk import operations, queries
from finmart.centres.data.risk.types import ModelKind
from finmart.kit import transactions
from finmart.kit.actor import Actor

KEEPER = Actor.of_system("风险评分")


@app.periodic(cron="20 17 * * *")  # twenty past one at night in the city
@app.task(name="risk:score", queueing_lock="risk:score")
def score(timestamp: int) -> int:  # noqa: ARG001 - the scheduler passes it
    """Score every firm whose invoices say something new; with no model in force there is nothing to do."""
    with transactions.opened():
        return len(operations.score(KEEPER, only_changed=True)) if queries.is_in_force() else 0


@app.periodic(cron="50 17 * * *")
@app.task(name="risk:watch_drift", queueing_lock="risk:watch_drift")
def watch_drift(timestamp: int) -> int:  # noqa: ARG001 - the scheduler passes it
    """Measure how far scores moved from training, once a day."""
    with transactions.opened():
        return operations.watch_drift(KEEPER)


@app.periodic(cron="30 18 1 * *")  # the second of a month in the city, at half past two at night
@app.task(name="risk:propose", queueing_lock="risk:propose")
def propose(timestamp: int) -> int:  # noqa: ARG001 - the scheduler passes it
    """Propose a challenger learnt from the outcomes recorded so far; return 1 where there was something to learn."""
    if not queries.may_learn():
        return 0
    with transactions.opened():
        return int(operations.propose(KEEPER, kind=ModelKind.CHALLENGER) is not None)
