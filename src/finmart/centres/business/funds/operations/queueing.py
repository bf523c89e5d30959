"""The job that speaks to the bank core, waiting at most once per payment."""

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from finmart.kit import transactions

SEND_PAYMENT = "funds:send_payment"


def queue_new(key: str) -> None:
    """Queue the sending of a payment that this transaction has written: nobody else can have queued it."""
    app.configure_task(SEND_PAYMENT, queueing_lock=key).defer(key=key)


def queue(key: str) -> bool:
    """Queue the sending of any payment in the caller's transaction; return False where it waits already."""
    try:
        with transactions.opened():
            app.configure_task(SEND_PAYMENT, queueing_lock=key).defer(key=key)
    except AlreadyEnqueued:
        return False
    return True
