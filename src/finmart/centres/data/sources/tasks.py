"""Jobs that ask suppliers. Each may run twice, be killed anywhere, and run beside another: leases and numbers hold."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from procrastinate.contrib.django import app

from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.types import Delivered, DemandState, LeaseLost, Offer, Run, UnableToFeed
from finmart.integrations.data_sharing.client import SourceClient, connected
from finmart.integrations.data_sharing.types import (
    Announcement,
    Demand,
    OfferedColumn,
    RequestState,
    SourceBusy,
    SourceMistake,
    SourceUnavailable,
)
from finmart.kit import transactions
from finmart.kit.actor import Actor

FEEDER = Actor.of_system("数据归集")
_REPLIES = {RequestState.ANSWERED: DemandState.ANSWERED, RequestState.REFUSED: DemandState.REFUSED}


@app.periodic(cron="* * * * *")
@app.task(name="sources:look", queueing_lock="sources:look")
def look(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Queue a run for every feed whose turn has come."""
    with transactions.opened():
        operations.queue_runs(FEEDER)


@app.task(name=operations.FETCH)
def fetch(code: str) -> None:
    """Run a feed once: what was begun is ended first, then batch after batch, within the pages of a run.

    No transaction is open while the supplier is asked. Trouble is written down at the feed, which is due again after
    a pause; the job itself is not repeated.
    """
    with transactions.opened():
        run = operations.begin_run(FEEDER, code)
    if run is None:
        return
    with suppress(LeaseLost):
        _run(run)


def _run(run: Run) -> None:
    try:
        with connected(run.code) as client:
            _fetch(client, run)
    except SourceBusy as busy:
        with transactions.opened():
            operations.postpone_run(FEEDER, run, busy.seconds)
    except (SourceUnavailable, UnableToFeed) as trouble:
        with transactions.opened():
            operations.fail_run(FEEDER, run, str(trouble))
    except SourceMistake as mistake:
        with transactions.opened():
            operations.fail_run(FEEDER, run, f"供数方拒绝了请求：{mistake}", is_withdrawn=True)


def _fetch(client: SourceClient, run: Run) -> None:
    _keep_to_columns(run, client.columns())
    cursor, batch = run.cursor, run.batch
    for _ in range(run.pages):
        if batch is None:
            announced = client.next_batch(cursor)
            if announced is None:
                with transactions.opened():
                    operations.end_run(FEEDER, run, is_up_to_date=True)
                return
            cursor = announced.cursor
            if not _taken(run, announced):
                continue
            batch = (announced.number, 1)
        batch = _stored(client, run, *batch)
    with transactions.opened():
        operations.end_run(FEEDER, run, is_up_to_date=False)


def _taken(run: Run, announced: Announcement) -> bool:
    offer = Offer(announced.number, announced.cursor, announced.supplied_on, announced.records, announced.digest)
    with transactions.opened():
        return operations.take_batch(FEEDER, run, offer)


def _stored(client: SourceClient, run: Run, number: str, page: int) -> tuple[str, int] | None:
    """Fetch and store one page; return the next one, None where the batch is settled."""
    came = client.page(number, page, run.page_size)
    _keep_to_columns(run, came.columns)
    with transactions.opened():
        progress = operations.store_page(FEEDER, run, page, Delivered(came.records, came.has_more))
    if progress.refusal:
        raise UnableToFeed(progress.refusal)
    return (number, page + 1) if progress.has_more else None


def _keep_to_columns(run: Run, offered: Sequence[OfferedColumn]) -> None:
    """End the run where the columns are not those agreed; the feed is stopped then. Raises LeaseLost."""
    with transactions.opened():
        is_agreed = operations.keep_to_columns(FEEDER, run, [(one.name, one.kind) for one in offered])
    if not is_agreed:
        raise LeaseLost(run.code)


@app.task(name=operations.DELIVER)
def deliver_demand(uuid: str) -> None:
    """Tell a supplier what is asked of it; without an answer the next follow-up tells it again."""
    with transactions.opened():
        asked = queries.demand_to_deliver(FEEDER, UUID(uuid))
    if asked is None:
        return
    try:
        with connected(asked.feed_code) as client:
            reply = client.ask_for(
                Demand(uuid, asked.kind, asked.subject, asked.text, asked.due_on, asked.urged)
            )  # fmt: skip
    except (SourceBusy, SourceMistake, SourceUnavailable):
        return
    with transactions.opened():
        operations.note_reply(FEEDER, UUID(uuid), _REPLIES.get(reply.state, DemandState.OPEN), reply.text)


@app.periodic(cron="*/30 * * * *")
@app.task(name="sources:follow_demands", queueing_lock="sources:follow_demands")
def follow_demands(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes it
    """Ask suppliers how far they are with what is open, and remind of what is overdue."""
    with transactions.opened():
        operations.chase_overdue(FEEDER)
        waiting = queries.open_demands(FEEDER)
    for uuid in waiting:
        deliver_demand(str(uuid))
