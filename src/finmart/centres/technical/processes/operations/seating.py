"""Who signs: transfer, delegate, add and remove signers, copy, urge. None of it touches the routing."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import ConflictKind
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.events import ItemAssigned, ItemCopied, StepOpened, StepUrged
from finmart.centres.technical.processes.models import Copy, SignOff, WorkItem
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.operations.openings import MOST_SEATS
from finmart.centres.technical.processes.operations.working import advance_turn, require_person, settle
from finmart.centres.technical.processes.types import (
    EventKind,
    ItemState,
    ProcessesAct,
    SeatState,
    UnableToSignOff,
    UnableToUrge,
)
from finmart.integrations.bpmn.model import SignOffKind
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

LONGEST_NOTE = 500
URGE_AGAIN_AFTER = timedelta(hours=1)  # a default of ours


def transfer(actor: Actor, item_uuid: UUID, *, person_id: int, opinion: str = "") -> None:
    """Hand the actor's seat to a colleague for good. Raises as ``complete``, UnableToSignOff for whom it cannot be."""
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    seat = change.seat(item)
    _require_colleague(change, item, person_id)
    before = seat.person_id
    seat.person_id, seat.delegate_id, seat.is_named = person_id, None, True
    change.mark(seat)
    change.note(EventKind.TRANSFERRED, item, opinion, before=before, after=person_id)
    change.tell(ItemAssigned, item, [person_id])
    change.save(ProcessesAct.ITEM_TRANSFER, f"item:{item_uuid}", before=before, after=person_id)


def delegate(actor: Actor, item_uuid: UUID, *, person_id: int, opinion: str = "") -> None:
    """Let a colleague do the work; what they answer comes back to the actor, who decides."""
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    seat = change.seat(item)
    if seat.delegate_id is not None:
        raise UnableToSignOff("受托办理的事项不能再次委派", field="person")
    _require_colleague(change, item, person_id)
    seat.delegate_id = person_id
    change.mark(seat)
    change.note(EventKind.DELEGATED, item, opinion, after=person_id)
    change.tell(ItemAssigned, item, [person_id])
    change.save(ProcessesAct.ITEM_DELEGATE, f"item:{item_uuid}", after=person_id)


def add_signer(actor: Actor, item_uuid: UUID, *, person_ids: Iterable[int], opinion: str = "") -> None:
    """Add named signers to an item the actor works on; a single sign-off becomes one that all must sign."""
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    change.seat(item)
    added = list(dict.fromkeys(person_ids))
    if not added or item.seats + len(added) > MOST_SEATS:
        raise UnableToSignOff("请选择要加签的人员", field="person")
    for person in added:
        _require_colleague(change, item, person)
        change.take_seat(item, person, is_named=True)
    item.seats += len(added)
    if item.sign_off == SignOffKind.SINGLE:
        item.sign_off = SignOffKind.ALL
    change.touched.add(item.activation)
    change.note(EventKind.SIGNER_ADDED, item, opinion, persons=added)
    change.tell(ItemAssigned, item, added)
    change.save(ProcessesAct.ITEM_ADD_SIGNER, f"item:{item_uuid}", persons=added)


def remove_signer(actor: Actor, item_uuid: UUID, *, person_id: int, opinion: str = "") -> bool:
    """Take away a signer who has not signed; return whether that decided the step (all others had signed).

    Raises UnableToSignOff where the step would fall below its least number of signers or have none.
    """
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    _require_seated(change, item)
    least = max(1, change.step(item).sign_off.minimum)
    seat = next((row for row in change.active_seats(item) if row.person_id == person_id), None)
    if seat is None or seat.state == SeatState.SIGNED:
        raise UnableToSignOff("该人员不在待签人员中或已经签署", field="person")
    if item.seats - 1 < least:
        raise UnableToSignOff(f"本步骤至少需要 {least} 人签署，不能再减签", field="person")
    seat.state = SeatState.REMOVED
    item.seats -= 1
    change.mark(seat)
    change.touched.add(item.activation)
    change.note(EventKind.SIGNER_REMOVED, item, opinion, person=person_id)
    advance_turn(change, item)
    decided = settle(change, item)
    change.save(ProcessesAct.ITEM_REMOVE_SIGNER, f"item:{item_uuid}", person=person_id, decided=decided)
    return decided is not None


def copy(actor: Actor, item_uuid: UUID, *, person_ids: Iterable[int], opinion: str = "") -> None:
    """Send an item to colleagues of the actor's own organisation to know. Sending twice changes nothing."""
    change = Change.of_item(actor, item_uuid)
    item = change.items_of_any_state(item_uuid)
    if not policies.is_party(actor, change.instance):
        raise NotFound("没有找到该事项")
    persons = list(dict.fromkeys(person_ids))
    _require_members(actor.organisation_id, persons)
    Copy.objects.bulk_create(
        [Copy(item=item, person_id=person, sent_by=actor.person_id, sent_at=change.now) for person in persons],
        ignore_conflicts=True,
    )
    change.note(EventKind.COPIED, item, opinion, persons=persons)
    change.tell(ItemCopied, item, persons)
    change.save(ProcessesAct.ITEM_COPY, f"item:{item_uuid}", persons=persons)


def urge(actor: Actor, item_uuid: UUID, *, opinion: str = "") -> None:
    """Ask who holds an item for speed, once an hour at most. Raises UnableToUrge, AccessDenied."""
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    if not policies.can_see_instance(actor, change.instance):
        raise NotFound("没有找到该事项")
    if not policies.can_urge(actor, change.instance, item):
        raise AccessDenied("您正是该事项的承办方")
    if item.urged_at and change.now - item.urged_at < URGE_AGAIN_AFTER:
        raise UnableToUrge("一小时内已催办过，请稍后再试")
    item.urged_at = change.now
    change.touched.add(item.activation)
    change.note(EventKind.URGED, item, opinion)
    change.tell(StepUrged, item, sender=actor.organisation_name or "自然人")
    change.save(ProcessesAct.ITEM_URGE, f"item:{item_uuid}")


def recuse(actor: Actor, item_uuid: UUID, *, opinion: str) -> None:
    """Declare a conflict of interest and step aside: the seat is free for others, the tie is on record from now on.

    Raises UnableToSignOff without a reason, AccessDenied for who does not work on the item, NotFound to strangers.
    """
    if not opinion.strip():
        raise UnableToSignOff("请写明回避的理由", field="opinion")
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    others = policies.counterparts(change.instance, item)
    if not others or not _works_on(change, item):
        change.refuse(item)
        raise AccessDenied("您不是该事项的办理人")
    _step_aside(change, item, require_person(actor), opinion)
    change.save(ProcessesAct.ITEM_RECUSE, f"item:{item_uuid}")
    for organisation_id in sorted(others):
        parties_operations.record_conflict(
            actor, person_id=require_person(actor), organisation_id=organisation_id, kind=ConflictKind.DECLARED,
            note=opinion.strip()[:LONGEST_NOTE],
        )  # fmt: skip


def recuse_everywhere(actor: Actor, *, person_id: int, organisation_id: int) -> int:
    """Free every open seat a person holds in processes with an organisation on another side; for the system only.

    Return how many. Called when a tie is put on record, however that came about.
    """
    if not actor.system:
        raise AccessDenied("该操作只能由系统进行")
    found = SignOff.objects.filter(
        Q(person_id=person_id) | Q(delegate_id=person_id), state__in=[SeatState.OPEN, SeatState.WAITING],
        item__state=ItemState.OPEN,
    ).exclude(item__organisation_id=organisation_id)  # fmt: skip
    held = found.order_by("item_id").values_list("item__uuid", "item__instance__lanes")
    concerned = [uuid for uuid, lanes in held if organisation_id in {one["organisation_id"] for one in lanes.values()}]
    for item_uuid in dict.fromkeys(concerned):
        change = Change.of_item(actor, item_uuid)
        item = change.open_item(item_uuid)
        _step_aside(change, item, person_id, "已登记利害关系")
        change.save(ProcessesAct.ITEM_RECUSE, f"item:{item_uuid}", person=person_id)
    return len(set(concerned))


def _works_on(change: Change, item: WorkItem) -> bool:
    standing, seats = policies.Standing(change.actor), change.seats(item)
    held = policies.own_seat(standing, seats)
    return held is not None or policies.free_seat_holder(standing, item, seats) is not None


def _step_aside(change: Change, item: WorkItem, person_id: int, opinion: str) -> None:
    for seat in change.seats(item):
        waits = seat.state in {SeatState.OPEN, SeatState.WAITING}
        if waits and seat.delegate_id == person_id:
            seat.delegate_id = None
            change.mark(seat)
        elif waits and seat.person_id == person_id:
            seat.state = SeatState.REMOVED
            change.mark(seat)
    item.barred = sorted({*item.barred, person_id})
    change.touched.add(item.activation)
    advance_turn(change, item)
    change.note(EventKind.RECUSED, item, opinion, person=person_id)
    change.tell(StepOpened, item)


def _require_seated(change: Change, item: WorkItem) -> None:
    seated = {row.person_id for row in change.active_seats(item)}
    if change.actor.person_id not in seated:
        change.seat(item)


def _require_colleague(change: Change, item: WorkItem, person_id: int) -> None:
    """Raise UnableToSignOff unless the person is of the same organisation, not barred and not seated here."""
    if person_id in item.barred:
        raise UnableToSignOff("该人员已办理过相关步骤，按双人复核要求不能办理本步骤", field="person")
    if any(person_id in {row.person_id, row.delegate_id} for row in change.active_seats(item)):
        raise UnableToSignOff("该人员已在签署人之列", field="person")
    _require_members(item.organisation_id or change.actor.organisation_id, [person_id])
    if parties_queries.persons_tied_to(policies.counterparts(change.instance, item), [person_id]):
        raise UnableToSignOff("该人员与对方存在利害关系，应当回避", field="person", remedy="请选择其他同事")


def _require_members(organisation_id: int | None, persons: list[int]) -> None:
    if organisation_id is None:
        raise UnableToSignOff("只能选择本机构人员", field="person")
    members = {member.id for member in parties_queries.members_with_role(organisation_id)}
    if not persons or not members.issuperset(persons):
        raise UnableToSignOff("只能选择本机构人员", field="person")
