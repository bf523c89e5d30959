"""Demands to departments as the operator reads them, and as jobs deliver them."""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.models import Demand
from finmart.centres.data.sources.types import (
    DemandAct,
    DemandKind,
    DemandLineView,
    DemandMade,
    DemandRow,
    DemandState,
    DemandView,
    SourcesAct,
)
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

SHOWN = 100


def demands_for(actor: Actor, *, is_open: bool = True) -> list[DemandRow]:
    """Return open demands, the nearest deadline first, or settled ones, the newest first. Raises AccessDenied."""
    _require_handler(actor)
    rows = _demands()
    found = rows.filter(state=DemandState.OPEN).order_by("due_at") if is_open else _settled(rows)
    demands = list(found[:SHOWN])
    firms = _firms(demands)
    names = parties_queries.shown(demand.raised_by for demand in demands)
    return [replace(_row(demand, firms), raised_by=names[demand.raised_by]) for demand in demands]


def demand_for(actor: Actor, uuid: UUID) -> DemandView:
    """Return one demand with its history. Raises AccessDenied, NotFound."""
    _require_handler(actor)
    demand = _demands().filter(uuid=uuid).first()
    if demand is None:
        raise NotFound("没有找到该数据需求")
    said = list(demand.lines.order_by("at", "pk"))
    names = parties_queries.shown([demand.raised_by, *(line.by for line in said)])
    lines = tuple(DemandLineView(line.at, DemandAct(line.act).label, names[line.by], line.text) for line in said)
    acts = {
        DemandState.OPEN: {SourcesAct.DEMAND_URGE, SourcesAct.DEMAND_REPLY, SourcesAct.DEMAND_CLOSE},
        DemandState.CLOSED: set(),
    }
    return DemandView(
        row=replace(_row(demand, _firms([demand])), raised_by=names[demand.raised_by]), answer=demand.answer,
        record_key=demand.record.key if demand.record else "", lines=lines,
        acts=frozenset(acts.get(DemandState(demand.state), {SourcesAct.DEMAND_CLOSE})),
    )  # fmt: skip


def demand_to_deliver(actor: Actor, uuid: UUID) -> DemandMade | None:
    """Return a demand as its supplier is told of it, None where it is settled. For the system: raises AccessDenied."""
    _require_system(actor)
    demand = _demands().filter(uuid=uuid, state=DemandState.OPEN).first()
    if demand is None:
        return None
    subject = demand.record.key if demand.record else ""
    if not subject and demand.organisation_id:
        subject = parties_queries.organisation(demand.organisation_id).credit_code
    due_on = demand.due_at.astimezone(clock.CITY_ZONE).date()
    return DemandMade(demand.feed.code, demand.kind, subject, demand.text, due_on, demand.urged)


def open_demands(actor: Actor) -> list[UUID]:
    """Return the demands no supplier has answered, the oldest first. For the system: raises AccessDenied."""
    _require_system(actor)
    return list(Demand.objects.filter(state=DemandState.OPEN).order_by("pk").values_list("uuid", flat=True))


def _demands() -> QuerySet[Demand]:
    return Demand.objects.select_related("feed", "record")


def _settled(rows: QuerySet[Demand]) -> QuerySet[Demand]:
    return rows.exclude(state=DemandState.OPEN).order_by("-settled_at", "-pk")


def _firms(demands: list[Demand]) -> dict[int, str]:
    ids = {demand.organisation_id for demand in demands if demand.organisation_id}
    return {one.id: one.name for one in parties_queries.organisations(ids)}


def _row(demand: Demand, firms: dict[int, str]) -> DemandRow:
    return DemandRow(
        uuid=demand.uuid, feed_code=demand.feed.code, feed_name=demand.feed.name, supplier=demand.feed.supplier,
        kind_label=DemandKind(demand.kind).label, state=demand.state, state_label=DemandState(demand.state).label,
        firm=firms.get(demand.organisation_id or 0, ""), text=demand.text, raised_at=demand.raised_at,
        raised_by=demand.raised_by, due_at=demand.due_at,
        is_overdue=demand.state == DemandState.OPEN and demand.due_at < clock.now(),
        delivered_at=demand.delivered_at, urged=demand.urged,
    )  # fmt: skip


def _require_handler(actor: Actor) -> None:
    if not policies.can_handle_feeds(actor):
        raise AccessDenied("数据需求只对运营人员开放")


def _require_system(actor: Actor) -> None:
    if not actor.system:
        raise AccessDenied("数据需求只由平台的后台任务送达")
