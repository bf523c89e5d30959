"""Who signs: transfer, delegate, add and remove signers, copy, urge. None of it touches the routing."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.events import ItemAssigned, ItemCopied, StepUrged
from finmart.centres.technical.processes.models import Copy, WorkItem
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.operations.openings import MOST_SEATS
from finmart.centres.technical.processes.operations.working import advance_turn, settle
from finmart.centres.technical.processes.types import (
    EventKind,
    ProcessesAct,
    SeatState,
    UnableToSignOff,
    UnableToUrge,
)
from finmart.integrations.bpmn.model import SignOffKind
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

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
    change.tell(StepUrged, item, sender=actor.label)
    change.save(ProcessesAct.ITEM_URGE, f"item:{item_uuid}")


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


def _require_members(organisation_id: int | None, persons: list[int]) -> None:
    if organisation_id is None:
        raise UnableToSignOff("只能选择本机构人员", field="person")
    members = {member.id for member in parties_queries.members_with_role(organisation_id)}
    if not persons or not members.issuperset(persons):
        raise UnableToSignOff("只能选择本机构人员", field="person")
