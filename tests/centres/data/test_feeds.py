"""Feeds: what is agreed with suppliers, out of the city's pack."""

import pytest

from finmart.centres.data.profiles.types import FACT_TYPES, FactKind
from finmart.centres.data.sources import operations
from finmart.centres.data.sources.models import Feed
from finmart.centres.data.sources.types import Column, ColumnKind, FeedKind
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

SYSTEM = Actor.of_system("test")
KINDS = {
    ColumnKind.BOOLEAN: FactKind.BOOLEAN, ColumnKind.DATE: FactKind.DATE, ColumnKind.DECIMAL: FactKind.DECIMAL,
    ColumnKind.INTEGER: FactKind.INTEGER, ColumnKind.TEXT: FactKind.TEXT, ColumnKind.YUAN: FactKind.INTEGER,
}  # fmt: skip


@pytest.mark.clause("D1")
@pytest.mark.django_db
def test_the_pack_names_seven_departments_and_three_platforms_and_every_column_becomes_a_fact():
    feeds = list(Feed.objects.order_by("position"))
    assert sum(feed.kind == FeedKind.DEPARTMENT for feed in feeds) == 7
    named = {feed.name for feed in feeds if feed.kind == FeedKind.PLATFORM}
    assert named == {"苏州地方征信平台", "区域数字金融基础设施", "政务数据共享体系"}
    columns = [Column.of(stored) for feed in feeds for stored in feed.columns]
    assert all(KINDS[column.kind] is FACT_TYPES[column.fact_type].kind for column in columns)
    supplied = [column.fact_type for column in columns]
    assert len(supplied) == len(set(supplied))
    assert {code for code, kind in FACT_TYPES.items() if kind.is_supplied} <= set(supplied)
    assert all(feed.duty and feed.terms_source for feed in feeds)


@pytest.mark.django_db
def test_describing_twice_changes_nothing_and_keeps_how_far_a_feed_has_come():
    feed = Feed.objects.get(code="tax")
    Feed.objects.filter(pk=feed.pk).update(cursor="2026-10", answer_days=99)
    assert operations.describe_feeds(SYSTEM, "suzhou") == 1
    assert operations.describe_feeds(SYSTEM, "suzhou") == 0
    feed.refresh_from_db()
    assert (feed.cursor, feed.answer_days) == ("2026-10", 5)
    with pytest.raises(NotFound):
        operations.describe_feeds(SYSTEM, "atlantis")
    with pytest.raises(AccessDenied):
        operations.describe_feeds(Actor(person_id=1, person_name="某人"), "suzhou")
