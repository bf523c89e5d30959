"""The jobs of notices."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from finmart.centres.technical.notices import operations
from finmart.kit import transactions
from finmart.kit.actor import Actor


class MailRefused(RuntimeError):
    """The mail server did not take the message; the job is tried again."""


@app.task(
    name="notices:send_email",
    retry=RetryStrategy(max_attempts=operations.MOST_ATTEMPTS, exponential_wait=4, retry_exceptions=[MailRefused]),
)
def send_email(delivery_id: int) -> None:
    """Send one delivery; running twice sends once."""
    with transactions.opened():
        is_done = operations.send_by_email(Actor.of_system("notices"), delivery_id)
    if not is_done:
        raise MailRefused(f"delivery {delivery_id}")
