"""Writing what an act has gathered, in as few statements as there are tables touched."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F

from finmart.centres.technical.processes.models import Deadline, Instance, ProcessEvent, SignOff, WorkItem
from finmart.centres.technical.processes.operations.clocks import STILL_OPEN
from finmart.centres.technical.processes.types import DeadlineState, EventKind, ItemState
from finmart.kit.errors import Conflict

if TYPE_CHECKING:
    from finmart.centres.technical.processes.operations.change import Change

_ITEM = ["state", "outcome", "closed_at", "seats", "taken", "sign_off", "barred", "urged_at"]
_SEAT = ["state", "delegate_id", "person_id", "outcome", "opinion", "signed_by", "signed_at", "is_named"]
_CLOCK = ["state", "due_at", "paused_at", "remaining"]


def write(change: "Change") -> None:
    """Write instance, items, seats, clocks and events. Raises Conflict where the process was changed from within."""
    _settle_clocks(change)
    _write_instance(change)
    _take_back(change)
    _write_items(change)
    _write_seats(change)
    _write_clocks(change)
    ProcessEvent.objects.bulk_create(change.log)


def _settle_clocks(change: "Change") -> None:
    owing = [item.lane for item in change.items.values() if item.owing]
    if change.instance.owed_by:
        owing.append(change.instance.owed_by)
    lanes = {activation: item.lane for activation, item in change.items.items()}
    paused, resumed = change.clocks.settle(owing, lanes)
    for act, rows in ((EventKind.CLOCK_PAUSED, paused), (EventKind.CLOCK_RESUMED, resumed)):
        for row in rows:
            change.note(act, change.items[row.activation], owed_by="、".join(sorted(set(owing))))


def _write_instance(change: "Change") -> None:
    instance = change.instance
    changed = Instance.objects.filter(pk=instance.pk, revision=instance.revision).update(
        tokens=change.state.dump(), variables=instance.variables, state=instance.state, ended_at=instance.ended_at,
        lanes=instance.lanes, owed_by=instance.owed_by, revision=F("revision") + 1,
    )  # fmt: skip
    if not changed:
        raise Conflict("该流程刚刚被他人推进", remedy="请刷新后重试")
    instance.revision += 1


def _take_back(change: "Change") -> None:
    if change.returned:
        WorkItem.objects.filter(
            instance=change.instance,
            activation__in=change.returned,
            state__in=[ItemState.DONE, ItemState.SKIPPED],
        ).update(state=ItemState.RETURNED)


def _write_items(change: "Change") -> None:
    for item in change.opened:
        item.taken = len(change.active_seats(item))
    if change.opened:
        WorkItem.objects.bulk_create(change.opened)
    touched = [*change.closed, *(item for item in change.items.values() if item not in change.opened)]
    for item in touched:
        taken = len(change.active_seats(item)) if item.activation in change.sign_offs else item.taken
        if item.closed_at or taken != item.taken or item.activation in change.touched:
            item.taken = taken
            item.save(update_fields=_ITEM)


def _write_seats(change: "Change") -> None:
    new = [row for rows in change.sign_offs.values() for row in rows if row.is_new]
    for row in new:
        row.item_id = row.item.pk
    try:
        if new:
            with transaction.atomic():
                SignOff.objects.bulk_create(new)
    except IntegrityError as error:
        raise Conflict("该人员已在签署人之列") from error
    for rows in change.sign_offs.values():
        for row in rows:
            if row not in new and row.pk in change.touched_seats:
                row.save(update_fields=_SEAT)


def _write_clocks(change: "Change") -> None:
    clocks = change.clocks
    if clocks.closed:
        Deadline.objects.filter(instance=change.instance, activation__in=clocks.closed, state__in=STILL_OPEN).update(
            state=DeadlineState.CLOSED
        )
    for row in clocks.opened:
        if row.item is not None:
            row.item_id = row.item.pk
    if clocks.opened:
        Deadline.objects.bulk_create(clocks.opened)
    for row in clocks.changed:
        if row.activation not in clocks.closed:
            row.save(update_fields=_CLOCK)
