"""A run of a feed, step by step: taken, pages stored, ended. Between the steps a job asks the supplier (clause D1).

What makes it right whatever happens: only the holder of the lease writes, a page is stored only where the batch waits
for that very page, and a batch settles in the transaction that stores its last page.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from finmart.centres.data.sources.events import SourceDown
from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.data.sources.operations.settling import refuse, settle
from finmart.centres.data.sources.operations.storing_records import store_records
from finmart.centres.data.sources.operations.telling import tell_operators
from finmart.centres.data.sources.queries import standings
from finmart.centres.data.sources.rules import feeding
from finmart.centres.data.sources.types import (
    BatchState,
    Column,
    Delivered,
    FeedState,
    LeaseLost,
    Offer,
    Progress,
    Run,
    SourcesAct,
    UnableToFeed,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied
from finmart.kit.ids import new_uuid

FETCH = "sources:fetch"
# How long a run may be silent before another takes over; longer than one question may take with all its attempts.
LEASE = timedelta(seconds=90)


def queue_runs(actor: Actor) -> int:
    """Queue a run for every feed whose turn has come and that waits for none; return how many."""
    transactions.require()
    _require_system(actor)
    now = clock.now()
    feeds = list(Feed.objects.order_by("pk"))
    standing = standings.of_feeds(feeds)
    return sum(_queue(feed.code) for feed in feeds if feeding.is_due(standing[feed.pk], now))


def _queue(code: str) -> bool:
    try:
        with transactions.opened():
            app.configure_task(FETCH, queueing_lock=f"{FETCH}:{code}").defer(code=code)
    except AlreadyEnqueued:
        return False
    return True


def begin_run(actor: Actor, code: str) -> Run | None:
    """Take the feed for one run; None where it is not its turn, somebody else has it, or too much waits for people."""
    transactions.require()
    _require_system(actor)
    feed = Feed.objects.select_for_update(skip_locked=True).filter(code=code).first()
    now = clock.now()
    if feed is None or not feeding.is_due(standings.of_feed(feed), now):
        return None
    coming = Batch.objects.filter(feed=feed, state=BatchState.RECEIVING).first()
    feed.lease, feed.lease_until, feed.latest_attempt_at = new_uuid(), now + LEASE, now
    feed.save(update_fields=["lease", "lease_until", "latest_attempt_at"])
    return Run(
        code=code, lease=feed.lease, cursor=feed.cursor, page_size=feed.page_size, pages=feed.pages_per_run,
        columns=tuple(map(Column.of, feed.columns)),
        batch=(coming.number, coming.next_page) if coming else None,
    )  # fmt: skip


def keep_to_columns(actor: Actor, run: Run, offered: Sequence[tuple[str, str]]) -> bool:
    """Return whether the supplier's columns are those agreed; where not, the feed stops and the operator is told."""
    transactions.require()
    drift = feeding.drift_of(run.columns, offered)
    if not drift:
        return True
    feed = _held(run)
    reason = f"{feed.name}的数据结构变了：{drift}；已停止接入，没有写入任何记录"
    feed.state, feed.state_reason, feed.lease, feed.lease_until = FeedState.STOPPED, reason, None, None
    feed.save(update_fields=["state", "state_reason", "lease", "lease_until"])
    audit_operations.record(actor, SourcesAct.FEED_STOP, f"feed:{feed.uuid}", reason=reason)
    events.publish(SourceDown(feed.code))
    tell_operators(actor, feed, f"{feed.name}已停止接入", reason, key=f"stopped:{feed.uuid}:{clock.now():%Y%m%d%H%M%S}")
    return False


def take_batch(actor: Actor, run: Run, offer: Offer) -> bool:
    """Begin to receive a batch; False where it is here already: that is noted and only the cursor goes on.

    A batch refused before is received anew. Raises LeaseLost; UnableToFeed where a number that is here comes with
    another content, and then nothing changes.
    """
    transactions.require()
    _require_system(actor)
    feed, now = _held(run), clock.now()
    known = Batch.objects.select_for_update().filter(feed=feed, round=feed.round, number=offer.number).first()
    if known is not None and known.state != BatchState.REFUSED:
        if (known.announced, known.digest) != (offer.records, offer.digest):
            raise UnableToFeed(f"批次 {offer.number} 已经收过，再次送来的内容却不同")
        if known.state == BatchState.LOADED and not known.message:
            known.message = "同一批次再次送来，内容相同，没有重复入库"
            known.save(update_fields=["message"])
        _go_on(feed, offer.cursor)
        return False
    batch = known or Batch(feed=feed, round=feed.round, number=offer.number, attempts=0)
    batch.state, batch.message, batch.begun_at, batch.settled_at = BatchState.RECEIVING, "", now, None
    batch.received = batch.unknown = batch.unreadable = 0
    batch.owner = None
    batch.next_page, batch.chained, batch.attempts = 1, "", batch.attempts + 1
    batch.supplied_on, batch.announced, batch.digest = offer.supplied_on, offer.records, offer.digest
    batch.cursor = offer.cursor
    batch.save()
    _go_on(feed, None)
    return True


def store_page(actor: Actor, run: Run, page: int, delivered: Delivered) -> Progress:
    """Store one page of the batch that is coming in and return how it goes on.

    With the last page the batch settles: whole and sound it becomes facts, whole and doubtful it waits for people, in
    part it is refused and nothing of it is kept. A page stored before changes nothing. Raises LeaseLost.
    """
    transactions.require()
    _require_system(actor)
    feed = _held(run)
    batch = Batch.objects.select_for_update().filter(feed=feed, state=BatchState.RECEIVING).first()
    if batch is None or batch.next_page != page:
        raise LeaseLost(run.code)
    store_records(batch, delivered, run.columns)
    batch.next_page += 1
    is_over = not delivered.has_more or batch.received > batch.announced
    batch.save(update_fields=["received", "unknown", "unreadable", "chained", "next_page"])
    if not is_over:
        _go_on(feed, None)
        return Progress(has_more=True)
    is_refused = settle(actor, batch) == BatchState.REFUSED
    _go_on(feed, None if is_refused else batch.cursor)
    return Progress(has_more=False, refusal=batch.message if is_refused else "")


def end_run(actor: Actor, run: Run, *, is_up_to_date: bool) -> None:
    """Give the feed back after a run without trouble; where there is more to fetch it is due again at once."""
    transactions.require()
    _require_system(actor)
    feed = _held(run)
    if is_up_to_date:
        feed.latest_success_at, feed.is_asked_for = clock.now(), False
    _give_back(feed, not_before=None, failures=0)


def fail_run(actor: Actor, run: Run, reason: str, *, is_withdrawn: bool = False) -> None:
    """Give the feed back after trouble: it is left alone the longer, the more often in a row it failed.

    ``is_withdrawn`` says that the supplier no longer knows the batch that is coming in, which is refused then.
    """
    transactions.require()
    _require_system(actor)
    feed = _held(run)
    coming = Batch.objects.select_for_update().filter(feed=feed, state=BatchState.RECEIVING).first()
    if coming is not None and is_withdrawn:
        refuse(actor, coming, f"批次 {coming.number} 没有收齐，供数方不再提供")
    feed.latest_failure = reason[:500]
    _give_back(feed, not_before=clock.now() + feeding.pause_after(feed.failures + 1), failures=feed.failures + 1)
    if feed.failures == feeding.MANY_FAILURES and feed.failing_since:
        text = f"{feed.name}连续 {feed.failures} 次取数失败：{feed.latest_failure}；已有数据保持原日期，不当作零"
        since = f"{feed.failing_since:%Y%m%d%H%M}"
        events.publish(SourceDown(feed.code))
        tell_operators(actor, feed, f"{feed.name}取数中断", text, key=f"down:{feed.uuid}:{since}")


def postpone_run(actor: Actor, run: Run, seconds: float) -> None:
    """Give the feed back because its supplier asks for patience: no failure, and not asked again before that."""
    transactions.require()
    _require_system(actor)
    feed = _held(run)
    _give_back(feed, not_before=clock.now() + timedelta(seconds=seconds), failures=feed.failures)


def _held(run: Run) -> Feed:
    feed = Feed.objects.select_for_update().filter(code=run.code, lease=run.lease).first()
    if feed is None:
        raise LeaseLost(run.code)
    return feed


def _go_on(feed: Feed, cursor: str | None) -> None:
    """Renew the lease, and where a batch is here, remember how far we have come."""
    feed.lease_until = clock.now() + LEASE
    feed.cursor = feed.cursor if cursor is None else cursor
    feed.save(update_fields=["lease_until", "cursor"])


def _give_back(feed: Feed, *, not_before: datetime | None, failures: int) -> None:
    feed.lease = feed.lease_until = None
    feed.not_before, feed.failures = not_before, failures
    feed.failing_since = (feed.failing_since or clock.now()) if failures else None
    feed.save(
        update_fields=[
            "lease", "lease_until", "not_before", "failures", "failing_since", "latest_success_at", "latest_failure",
            "is_asked_for",
        ]
    )  # fmt: skip


def _require_system(actor: Actor) -> None:
    if not actor.system:
        raise AccessDenied("取数只由平台的后台任务进行")
