"""What the operator does to a feed: pause it, have it go on, begin it anew."""

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.data.sources.types import BatchState, FeedState, SourcesAct, UnableToFeed
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound


def pause_feed(actor: Actor, code: str, reason: str) -> None:
    """Have a feed rest until somebody has it go on; a run under way ends with its page.

    Raises AccessDenied, NotFound, UnableToFeed for a feed that does not run or a reason of less than 5 signs.
    """
    feed = _locked(actor, code)
    if feed.state != FeedState.ACTIVE:
        raise UnableToFeed(f"该来源{FeedState(feed.state).label}")
    if not 5 <= len(reason.strip()) <= 300:
        raise UnableToFeed("请写明暂停理由，5 至 300 字", field="reason")
    feed.state, feed.state_reason, feed.lease, feed.lease_until = FeedState.PAUSED, reason.strip(), None, None
    feed.save(update_fields=["state", "state_reason", "lease", "lease_until"])
    audit_operations.record(actor, SourcesAct.FEED_PAUSE, f"feed:{feed.uuid}", reason=feed.state_reason)


def resume_feed(actor: Actor, code: str) -> None:
    """Have a paused or stopped feed go on; one that stopped is held to the agreed columns as before.

    Raises AccessDenied, NotFound, UnableToFeed for a feed that runs.
    """
    feed = _locked(actor, code)
    if feed.state == FeedState.ACTIVE:
        raise UnableToFeed("该来源没有暂停")
    feed.state, feed.state_reason, feed.not_before = FeedState.ACTIVE, "", None
    feed.save(update_fields=["state", "state_reason", "not_before"])
    audit_operations.record(actor, SourcesAct.FEED_RESUME, f"feed:{feed.uuid}")


def fetch_soon(actor: Actor, code: str) -> None:
    """Have an active feed be asked at the next look, whatever its rhythm and pause. Raises as :func:`resume_feed`."""
    feed = _locked(actor, code)
    if feed.state != FeedState.ACTIVE:
        raise UnableToFeed(f"该来源{FeedState(feed.state).label}", remedy="请先恢复")
    feed.is_asked_for, feed.not_before = True, None
    feed.save(update_fields=["is_asked_for", "not_before"])
    audit_operations.record(actor, SourcesAct.FEED_FETCH_SOON, f"feed:{feed.uuid}")


def fetch_anew(actor: Actor, code: str) -> None:
    """Begin a feed from its beginning, so that firms registered since get what was said of them before.

    What is here word for word is not kept twice. Raises AccessDenied, NotFound; UnableToFeed while a batch comes in.
    """
    feed = _locked(actor, code)
    if Batch.objects.filter(feed=feed, state=BatchState.RECEIVING).exists():
        raise UnableToFeed("有批次正在接收，请稍后再试")
    feed.round, feed.cursor, feed.is_asked_for, feed.not_before = feed.round + 1, "", True, None
    feed.save(update_fields=["round", "cursor", "is_asked_for", "not_before"])
    audit_operations.record(actor, SourcesAct.FEED_FETCH_ANEW, f"feed:{feed.uuid}", round=feed.round)


def _locked(actor: Actor, code: str) -> Feed:
    transactions.require()
    if not policies.can_handle_feeds(actor):
        raise AccessDenied("数据来源只由平台运营人员管理")
    feed = Feed.objects.select_for_update().filter(code=code).first()
    if feed is None:
        raise NotFound("没有这个数据来源")
    return feed
