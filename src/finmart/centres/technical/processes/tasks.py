"""The job of processes: clocks that run out. (Jobs of killed workers are the platform's own reaper's.)"""

from procrastinate.contrib.django import app

from finmart.centres.technical.processes import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal


class UnableToFire(RuntimeError):
    """Some clocks could not go off; the others did. The next run tries again."""


@app.periodic(cron="* * * * *")
@app.task(name="processes:fire_timers", queueing_lock="processes:fire_timers")
def fire_timers(timestamp: int) -> int:  # noqa: ARG001 - the moment it was due, which periodic jobs are told
    """Let every clock that is due go off, each in a transaction of its own; running twice fires once."""
    fired, refused = 0, []
    for identity in operations.due():
        try:
            with transactions.opened():
                fired += operations.fire(Actor.of_system("timers"), identity)
        except Refusal as refusal:
            refused.append(f"deadline {identity}: {refusal.message}")
    if refused:
        raise UnableToFire("; ".join(refused))
    return fired
