"""Demands to departments: raised, delivered, urged, answered, closed; a correction that comes closes its own."""

from collections.abc import Mapping
from uuid import UUID

from procrastinate.contrib.django import app

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.models import Demand, DemandLine, Feed, Record
from finmart.centres.data.sources.operations.telling import tell_operators
from finmart.centres.data.sources.types import (
    BatchState,
    DemandAct,
    DemandKind,
    DemandState,
    SourcesAct,
    UnableToDemand,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DELIVER = "sources:deliver_demand"
LONGEST_TEXT = 500


def raise_demand(
    actor: Actor, *, feed_code: str, text: str, organisation_id: int | None = None, record_uuid: UUID | None = None
) -> UUID:
    """Ask a supplier for data that are missing, or to correct the record named; return the demand's uuid.

    It is due within the working days agreed for the feed, and a job delivers it. Raises AccessDenied, NotFound, and
    UnableToDemand for a text too short or too long, or a record that is being corrected already or was.
    """
    transactions.require()
    _require_handler(actor)
    feed = Feed.objects.filter(code=feed_code).first()
    if feed is None:
        raise NotFound("没有这个数据来源")
    record = _wrong_record(feed, record_uuid) if record_uuid else None
    now = clock.now()
    demand = Demand.objects.create(
        feed=feed, kind=DemandKind.CORRECTION if record else DemandKind.SUPPLY, record=record,
        organisation_id=record.organisation_id if record else organisation_id,
        text=_checked(text, "text"), raised_at=now, raised_by_id=actor.person_id, raised_by=actor.label[:120],
        due_at=parameters_queries.working_calendar().add(now, feed.answer_days, Unit.WORKING_DAYS),
    )  # fmt: skip
    _line(actor, demand, DemandAct.RAISED, demand.text)
    audit_operations.record(
        actor, SourcesAct.DEMAND_RAISE, f"demand:{demand.uuid}", feed=feed.code, kind=str(demand.kind)
    )
    _deliver(demand)
    return demand.uuid


def urge_demand(actor: Actor, uuid: UUID) -> None:
    """Remind the supplier of an open demand. Raises AccessDenied, NotFound, UnableToDemand where it is settled."""
    transactions.require()
    _require_handler(actor)
    demand = _open(uuid)
    _urge(actor, demand)
    audit_operations.record(actor, SourcesAct.DEMAND_URGE, f"demand:{demand.uuid}", urged=demand.urged)


def close_demand(actor: Actor, uuid: UUID, reason: str) -> None:
    """Settle a demand from our side: the answer is enough, or it is no longer needed. Raises as :func:`urge_demand`."""
    transactions.require()
    _require_handler(actor)
    demand = _locked(uuid)
    if demand.state == DemandState.CLOSED:
        raise UnableToDemand("该需求已经办结")
    _close(actor, demand, DemandAct.CLOSED, _checked(reason, "reason"))


def note_reply(actor: Actor, uuid: UUID, state: DemandState, answer: str) -> None:
    """Write down what the supplier says of a demand: the system from its answer, people from a letter or a call.

    The first word also says that it was delivered. Raises AccessDenied, NotFound; UnableToDemand for people where it
    is settled. A job that hears the same again changes nothing.
    """
    transactions.require()
    _require_handler(actor)
    demand = _locked(uuid)
    if demand.state != DemandState.OPEN:
        if actor.system:
            return
        raise UnableToDemand("该需求已经答复或办结")
    if demand.delivered_at is None:
        demand.delivered_at = clock.now()
        demand.save(update_fields=["delivered_at"])
        _line(actor, demand, DemandAct.DELIVERED, "")
    if state not in {DemandState.ANSWERED, DemandState.REFUSED}:
        return
    demand.state, demand.answer, demand.settled_at = state, _checked(answer, "answer"), clock.now()
    demand.save(update_fields=["state", "answer", "settled_at"])
    _line(actor, demand, DemandAct.ANSWERED, f"{state.label}：{demand.answer}")
    audit_operations.record(actor, SourcesAct.DEMAND_REPLY, f"demand:{demand.uuid}", state=str(state))
    if actor.system:
        said = f"{state.label}：{demand.answer[:200]}"
        _tell(actor, demand, f"{demand.feed.supplier}答复了{DemandKind(demand.kind).label}", said, "answered")


def chase_overdue(actor: Actor) -> int:
    """Remind of every open demand that became overdue, once, and tell the operator; return how many."""
    transactions.require()
    _require_handler(actor)
    overdue = Demand.objects.select_for_update(of=("self",), skip_locked=True).select_related("feed")
    rows = overdue.filter(state=DemandState.OPEN, due_at__lt=clock.now()).exclude(lines__act=DemandAct.OVERDUE)
    demands = list(rows)
    for demand in demands:
        _line(actor, demand, DemandAct.OVERDUE, "")
        _urge(actor, demand)
        said = f"{DemandKind(demand.kind).label}“{demand.text[:80]}”已超过期限，已自动催办"
        _tell(actor, demand, f"{demand.feed.supplier}逾期未答复", said, "overdue")
    return len(demands)


def answer_corrections(actor: Actor, feed: Feed, replaced: Mapping[int, int]) -> None:
    """Close the demands for a correction that has come; ``replaced`` maps old records to new ones."""
    waiting = (
        Demand.objects.select_for_update(of=("self",))
        .select_related("feed")
        .filter(feed=feed, record_id__in=list(replaced), kind=DemandKind.CORRECTION)
    )
    for demand in waiting.exclude(state=DemandState.CLOSED):
        new = Record.objects.get(pk=replaced[demand.record_id or 0])
        _close(actor, demand, DemandAct.CORRECTED, f"更正记录 {new.key} 已入库")
        _tell(actor, demand, f"{feed.supplier}送来更正", f"更正记录 {new.key} 已入库，需求自动办结", "corrected")


def _wrong_record(feed: Feed, uuid: UUID) -> Record:
    record = Record.objects.filter(uuid=uuid, batch__feed=feed, batch__state=BatchState.LOADED).first()
    if record is None:
        raise NotFound("没有找到该记录")
    if record.replaced_by_id is not None:
        raise UnableToDemand("该记录已经被更正记录取代")
    if Demand.objects.filter(record=record, state=DemandState.OPEN).exists():
        raise UnableToDemand("该记录已有待答复的更正需求", remedy="可以催办")
    return record


def _urge(actor: Actor, demand: Demand) -> None:
    demand.urged += 1
    demand.save(update_fields=["urged"])
    _line(actor, demand, DemandAct.URGED, f"第 {demand.urged} 次")
    _deliver(demand)


def _close(actor: Actor, demand: Demand, act: DemandAct, text: str) -> None:
    demand.state, demand.settled_at = DemandState.CLOSED, demand.settled_at or clock.now()
    demand.save(update_fields=["state", "settled_at"])
    _line(actor, demand, act, text)
    audit_operations.record(actor, SourcesAct.DEMAND_CLOSE, f"demand:{demand.uuid}", reason=text)


def _tell(actor: Actor, demand: Demand, title: str, text: str, occasion: str) -> None:
    key, link = f"{occasion}:{demand.uuid}", f"/operator/demands/{demand.uuid}/"
    tell_operators(actor, demand.feed, title, text, key=key, link=link)


def _deliver(demand: Demand) -> None:
    app.configure_task(DELIVER).defer(uuid=str(demand.uuid))


def _line(actor: Actor, demand: Demand, act: DemandAct, text: str) -> None:
    DemandLine.objects.create(demand=demand, at=clock.now(), act=act, by=actor.label[:120], text=text)


def _locked(uuid: UUID) -> Demand:
    demand = Demand.objects.select_for_update(of=("self",)).select_related("feed").filter(uuid=uuid).first()
    if demand is None:
        raise NotFound("没有找到该数据需求")
    return demand


def _open(uuid: UUID) -> Demand:
    demand = _locked(uuid)
    if demand.state != DemandState.OPEN:
        raise UnableToDemand("该需求已经答复或办结")
    return demand


def _checked(text: str, field: str) -> str:
    plain = text.strip().replace("\x00", "")
    if not 5 <= len(plain) <= LONGEST_TEXT:
        raise UnableToDemand(f"请写 5 至 {LONGEST_TEXT} 字", field=field)
    return plain


def _require_handler(actor: Actor) -> None:
    if not policies.can_handle_feeds(actor):
        raise AccessDenied("数据需求只由平台运营人员提出和办理")
