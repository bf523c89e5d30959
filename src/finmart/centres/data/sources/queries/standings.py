"""What decides whether the turn of a feed has come, for the operations and the pages."""

from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.data.sources.rules.feeding import Standing
from finmart.centres.data.sources.types import BatchState, FeedState

UNSETTLED = (BatchState.HELD, BatchState.RECEIVED, BatchState.RECEIVING)


def of_feed(feed: Feed) -> Standing:
    """Return the standing of one feed."""
    return of_feeds([feed])[feed.pk]


def of_feeds(feeds: list[Feed]) -> dict[int, Standing]:
    """Return feed id → standing, in one query."""
    unsettled: dict[int, list[str]] = {feed.pk: [] for feed in feeds}
    rows = Batch.objects.filter(feed__in=feeds, state__in=UNSETTLED)
    for feed, state in rows.values_list("feed_id", "state"):
        unsettled[feed].append(state)
    return {feed.pk: _standing(feed, unsettled[feed.pk]) for feed in feeds}


def with_feeds(rows: QuerySet[Feed]) -> list[tuple[Feed, Standing]]:
    """Return feeds with the standing of each, in one query for both."""
    waiting = Batch.objects.filter(feed=OuterRef("pk"), state__in=UNSETTLED).values("state")
    return [(feed, _standing(feed, feed.unsettled)) for feed in rows.annotate(unsettled=ArraySubquery(waiting))]


def _standing(feed: Feed, states: list[str]) -> Standing:
    return Standing(
        is_active=feed.state == FeedState.ACTIVE,
        every=timedelta(minutes=feed.every_minutes),
        latest_success_at=feed.latest_success_at,
        not_before=feed.not_before,
        lease_until=feed.lease_until,
        is_coming_in=BatchState.RECEIVING in states,
        is_asked_for=feed.is_asked_for,
        waiting=sum(state != BatchState.RECEIVING for state in states),
        most_waiting=feed.most_unfinished,
    )
