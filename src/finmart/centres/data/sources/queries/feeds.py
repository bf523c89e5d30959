"""Feeds, batches and records as the operator reads them; what records say, as facts; what to say beside a fact."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.models import Batch, Demand, Feed, Record
from finmart.centres.data.sources.queries import standings
from finmart.centres.data.sources.rules import feeding
from finmart.centres.data.sources.types import (
    BatchRow,
    BatchState,
    BatchView,
    Column,
    DemandState,
    FeedHealth,
    FeedKind,
    FeedRow,
    FeedState,
    FeedView,
    HeldBatch,
    RecordRow,
    SourcesAct,
    SuppliedFact,
    SupplyNote,
)
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

BATCHES_SHOWN = 30
RECORDS_SHOWN = 50
_STOPPED = frozenset(FeedHealth) - {FeedHealth.RETRYING, FeedHealth.SOUND}


def feeds_for(actor: Actor) -> list[FeedRow]:
    """Return every feed with how it does, in the order of the pack. Raises AccessDenied for all but the operator."""
    _require_handler(actor)
    return _rows(list(_feeds()))


def feed_for(actor: Actor, code: str) -> FeedView:
    """Return one feed. Raises AccessDenied, NotFound."""
    _require_handler(actor)
    feed = _feeds().filter(code=code).first()
    if feed is None:
        raise NotFound("没有这个数据来源")
    batches = Batch.objects.filter(feed=feed).order_by("-begun_at", "-pk")[:BATCHES_SHOWN]
    return FeedView(
        row=_rows([feed])[0], columns=tuple(map(Column.of, feed.columns)), duty=feed.duty,
        terms_source=feed.terms_source, is_example=feed.is_example, page_size=feed.page_size,
        pages_per_run=feed.pages_per_run, most_unfinished=feed.most_unfinished, stale_days=feed.stale_days,
        answer_days=feed.answer_days, cursor=feed.cursor, round=feed.round, failures=feed.failures,
        latest_failure=feed.latest_failure, failing_since=feed.failing_since,
        batches=tuple(map(_batch_row, batches)), acts=_acts_on(feed),
    )  # fmt: skip


def batch_for(actor: Actor, uuid: UUID) -> BatchView:
    """Return one batch with its first records. Raises AccessDenied, NotFound."""
    _require_handler(actor)
    batch = Batch.objects.select_related("feed", "owner").filter(uuid=uuid).first()
    if batch is None:
        raise NotFound("没有找到该批次")
    columns = tuple(map(Column.of, batch.feed.columns))
    records = list(batch.records.select_related("replaced_by").order_by("position")[:RECORDS_SHOWN])
    firms = {one.id: one.name for one in parties_queries.organisations({row.organisation_id for row in records})}
    return BatchView(
        row=_batch_row(batch), feed_code=batch.feed.code, feed_name=batch.feed.name, columns=columns,
        records=tuple(_record_row(row, columns, firms[row.organisation_id]) for row in records),
        kept=batch.records.count(), owner_name=batch.owner.full_name if batch.owner else "",
        acts=_acts_on_batch(actor, batch),
    )  # fmt: skip


def held_batches_for(actor: Actor) -> list[HeldBatch]:
    """Return the batches that wait for people, the oldest first. Raises AccessDenied for all but the operator."""
    _require_handler(actor)
    held = Batch.objects.select_related("feed", "owner").filter(state=BatchState.HELD).order_by("begun_at", "pk")
    return [
        HeldBatch(_batch_row(one), one.feed.name, one.owner.full_name if one.owner else "")
        for one in held[:BATCHES_SHOWN]
    ]


def record_for(actor: Actor, uuid: UUID) -> tuple[RecordRow, BatchView]:
    """Return one record and its batch. Raises AccessDenied, NotFound."""
    _require_handler(actor)
    record = Record.objects.select_related("batch__feed", "replaced_by").filter(uuid=uuid).first()
    if record is None:
        raise NotFound("没有找到该记录")
    firm = parties_queries.organisation(record.organisation_id).name
    row = _record_row(record, tuple(map(Column.of, record.batch.feed.columns)), firm)
    return row, batch_for(actor, record.batch.uuid)


def supplied_facts(actor: Actor, batch_uuid: UUID) -> tuple[list[SuppliedFact], list[tuple[UUID, str]]]:
    """Return what the records of a batch say, and (record, column label) of every value nobody can read.

    A value that cannot be read says nothing: it is neither missing nor zero, the older one stands. For the system
    only: raises AccessDenied. A record that another one replaces, of the same batch too, says nothing any more.
    """
    if not actor.system:
        raise AccessDenied("数据批次只由平台的后台任务读取")
    batch = Batch.objects.select_related("feed").get(uuid=batch_uuid)
    columns = tuple(map(Column.of, batch.feed.columns))
    facts, unreadable = [], []
    replaced = set(batch.records.exclude(replaces="").values_list("organisation_id", "replaces"))
    for record in batch.records.filter(replaced_by=None).order_by("position"):
        if (record.organisation_id, record.key) in replaced and record.replaces != record.key:
            continue
        for column in columns:
            try:
                value = feeding.value_of(column.kind, record.content.get(column.name))
            except feeding.Unreadable:
                unreadable.append((record.uuid, column.label))
                continue
            facts.append(
                SuppliedFact(
                    record.organisation_id, column.fact_type, value, record.as_of_on, batch.feed.name, record.uuid
                )
            )
    return facts, unreadable


def supply_notes() -> dict[str, SupplyNote]:
    """Return fact type → what to say beside a fact of that type, for every type some feed brings. One query."""
    now = clock.now()
    notes: dict[str, SupplyNote] = {}
    for feed, standing in standings.with_feeds(_feeds()):
        health = feeding.health_of(FeedState(feed.state), feed.failures, standing, now)
        trouble = _explanation(feed, health, standing) if health in _STOPPED else ""
        note = SupplyNote(feed.name, health, trouble, feed.stale_days)
        notes |= {Column.of(stored).fact_type: note for stored in feed.columns}
    return notes


def _feeds() -> QuerySet[Feed]:
    return Feed.objects.order_by("position", "pk")


def _rows(feeds: list[Feed]) -> list[FeedRow]:
    now = clock.now()
    standing = standings.of_feeds(feeds)
    loaded = Batch.objects.filter(feed__in=feeds, state=BatchState.LOADED).values_list("feed_id")
    records = dict(loaded.annotate(count=Count("records")))
    open_demands = Demand.objects.filter(feed__in=feeds, state=DemandState.OPEN).values_list("feed_id")
    demands = dict(open_demands.annotate(count=Count("pk")))
    rows = []
    for feed in feeds:
        stands = standing[feed.pk]
        health = feeding.health_of(FeedState(feed.state), feed.failures, stands, now)
        rows.append(
            FeedRow(
                code=feed.code, name=feed.name, supplier=feed.supplier, kind_label=FeedKind(feed.kind).label,
                health=health, explanation=_explanation(feed, health, stands), every_minutes=feed.every_minutes,
                latest_success_at=feed.latest_success_at, latest_attempt_at=feed.latest_attempt_at,
                next_at=_next_at(feed, stands, now), records=records.get(feed.pk, 0), waiting=stands.waiting,
                demands=demands.get(feed.pk, 0),
            )
        )  # fmt: skip
    return rows


def _explanation(feed: Feed, health: FeedHealth, stands: feeding.Standing) -> str:
    since = feed.failing_since
    match health:
        case FeedHealth.DOWN | FeedHealth.RETRYING:
            day = f"自 {since.astimezone(clock.CITY_ZONE):%m-%d %H:%M} 起" if since else ""
            return f"{feed.name}{day}取数失败 {feed.failures} 次：{feed.latest_failure}"
        case FeedHealth.STOPPED | FeedHealth.PAUSED:
            return feed.state_reason if health is FeedHealth.STOPPED else f"{feed.name}已暂停接入：{feed.state_reason}"
        case FeedHealth.HELD_UP:
            return f"{feed.name}有 {stands.waiting} 个批次待核，处理以前不再取数"
        case FeedHealth.NEVER:
            return f"{feed.name}尚未取到数据"
        case FeedHealth.LATE:
            return f"{feed.name}超过两个周期没有更新"
        case _:
            return ""


def _next_at(feed: Feed, stands: feeding.Standing, now: datetime) -> datetime | None:
    """Return when the feed is due, None where it waits for people."""
    if not stands.is_active or stands.waiting >= stands.most_waiting:
        return None
    latest = feed.latest_success_at
    turn = now if latest is None or stands.is_coming_in or stands.is_asked_for else latest + stands.every
    return max(turn, feed.not_before or turn)


def _acts_on(feed: Feed) -> frozenset[str]:
    if feed.state != FeedState.ACTIVE:
        return frozenset({SourcesAct.FEED_RESUME, SourcesAct.DEMAND_RAISE})
    return frozenset(
        {SourcesAct.FEED_PAUSE, SourcesAct.FEED_FETCH_SOON, SourcesAct.FEED_FETCH_ANEW, SourcesAct.DEMAND_RAISE}
    )


def _acts_on_batch(actor: Actor, batch: Batch) -> frozenset[str]:
    if batch.state == BatchState.HELD and policies.can_settle_batch(actor, batch.owner_id):
        return frozenset({SourcesAct.BATCH_RELEASE, SourcesAct.BATCH_REFUSE})
    return frozenset({SourcesAct.DEMAND_RAISE} if batch.state == BatchState.LOADED else ())


def _batch_row(batch: Batch) -> BatchRow:
    return BatchRow(
        uuid=batch.uuid, number=batch.number, state=batch.state, state_label=BatchState(batch.state).label,
        supplied_on=batch.supplied_on, announced=batch.announced, received=batch.received, unknown=batch.unknown,
        unreadable=batch.unreadable,
        unusable=batch.unusable, attempts=batch.attempts, message=batch.message, begun_at=batch.begun_at,
        settled_at=batch.settled_at,
    )  # fmt: skip


def _record_row(record: Record, columns: tuple[Column, ...], firm: str) -> RecordRow:
    return RecordRow(
        uuid=record.uuid, key=record.key, organisation_id=record.organisation_id, firm=firm,
        as_of_on=record.as_of_on, cells=tuple(_cell(column, record.content.get(column.name)) for column in columns),
        replaces=record.replaces, replaced_by=record.replaced_by.key if record.replaced_by else "",
    )  # fmt: skip


def _cell(column: Column, raw: object) -> str:
    """Return whether there is a value: what it is, is read under a consent or a recorded purpose, as facts are."""
    try:
        return "未提供" if feeding.value_of(column.kind, raw) is None else "有值"
    except feeding.Unreadable:
        return f"不是{column.kind.label}"


def _require_handler(actor: Actor) -> None:
    if not policies.can_handle_feeds(actor):
        raise AccessDenied("数据来源只对运营人员开放")
