"""What people do with a work item: claim, release, complete."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from finmart.centres.technical.processes import rules
from finmart.centres.technical.processes.models import SignOff, WorkItem
from finmart.centres.technical.processes.operations import services
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.types import (
    CompleteResult,
    EventKind,
    InstanceState,
    ItemState,
    ProcessesAct,
    SeatState,
    UnableToSignOff,
)
from finmart.integrations.bpmn.model import SignOffKind
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict

LONGEST_OPINION = 4_000


def claim(actor: Actor, item_uuid: UUID) -> None:
    """Take a free seat of an item, so that no colleague does the same work. Claiming twice changes nothing.

    Raises NotFound, AccessDenied, Conflict where a colleague was faster.
    """
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    seat = change.seat(item)
    if seat.is_new:
        change.note(EventKind.CLAIMED, item)
        change.save(ProcessesAct.ITEM_CLAIM, f"item:{item_uuid}")


def release(actor: Actor, item_uuid: UUID) -> None:
    """Give a claimed seat back. Raises Conflict where the actor was named and cannot give it back but by transfer."""
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    seat = change.seat(item, take=False)
    if seat.is_named:
        raise Conflict("您是指定的办理人，不能退回待领", remedy="可以转办给同事")
    seat.state = SeatState.REMOVED
    change.mark(seat)
    advance_turn(change, item)
    change.note(EventKind.RELEASED, item)
    change.save(ProcessesAct.ITEM_RELEASE, f"item:{item_uuid}")


def complete(
    actor: Actor,
    item_uuid: UUID,
    outcome: str = "DONE",
    opinion: str = "",
    values: Mapping[str, Any] | None = None,
) -> CompleteResult:
    """Sign an item off with one of its outcomes; when the sign-off is decided, the process goes on.

    ``values`` (JSON) become variables of the process. A delegate's answer goes back to the delegator and decides
    nothing. Raises NotFound, AccessDenied, Conflict (somebody was faster, double click), UnableToSignOff for an
    outcome the step does not have, and whatever a binding or condition refuses.
    """
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    step = change.step(item)
    if outcome not in {row.code for row in step.outcomes}:
        raise UnableToSignOff("请选择本步骤的一种办理结果", field="outcome")
    _check(opinion, values or {})
    seat = change.seat(item)
    decided: str | None = None
    if seat.delegate_id is not None:
        _answer_delegator(change, item, seat, outcome, opinion)
    else:
        _sign(change, item, seat, outcome, opinion)
        change.variables.update(values or {})
        if item.seats > 1:
            _keep(change, item, outcome, opinion, values or {})
        decided = settle(change, item)
    ended = change.instance.state == InstanceState.COMPLETED
    change.save(ProcessesAct.ITEM_COMPLETE, f"item:{item_uuid}", step=item.step, outcome=outcome, decided=decided)
    return CompleteResult(item_uuid, decided is not None, decided or "", ended)


def decide(actor: Actor, item_uuid: UUID, outcome: str, opinion: str = "") -> None:
    """Finish an item because of what has happened elsewhere (money arrived, a loan was repaid); for the system only.

    Raises NotFound, AccessDenied, Conflict, UnableToSignOff as :func:`complete`.
    """
    change = Change.of_item(actor, item_uuid)
    if not actor.system:
        raise AccessDenied("该操作只能由系统依据外部事件进行")
    item = change.open_item(item_uuid)
    if outcome not in {row.code for row in change.step(item).outcomes}:
        raise UnableToSignOff("请选择本步骤的一种办理结果", field="outcome")
    change.note(EventKind.SIGNED, item, opinion, outcome=outcome)
    finish(change, item, outcome, ItemState.DONE, EventKind.COMPLETED)
    change.save(ProcessesAct.ITEM_COMPLETE, f"item:{item_uuid}", step=item.step, outcome=outcome, decided=outcome)


def _check(opinion: str, values: Mapping[str, Any]) -> None:
    if len(opinion) > LONGEST_OPINION or "\x00" in opinion:
        raise UnableToSignOff(f"意见不能超过 {LONGEST_OPINION} 字", field="opinion")
    reserved = [key for key in values if key.endswith(("_outcome", "_timed_out", "_signed"))]
    if reserved:
        raise UnableToSignOff(f"变量名 {reserved[0]} 由流程使用", field=reserved[0])


def _answer_delegator(change: Change, item: WorkItem, seat: SignOff, outcome: str, opinion: str) -> None:
    seat.delegate_id = None
    change.mark(seat)
    change.note(EventKind.DELEGATE_ANSWERED, item, opinion, outcome=outcome, delegator=seat.person_id)


def _sign(change: Change, item: WorkItem, seat: SignOff, outcome: str, opinion: str) -> None:
    seat.state, seat.outcome, seat.opinion = SeatState.SIGNED, outcome, opinion
    seat.signed_by, seat.signed_at = change.actor.person_id, change.now
    change.mark(seat)
    deputy_for = seat.person_id if seat.person_id != change.actor.person_id else None
    change.note(EventKind.SIGNED, item, opinion, outcome=outcome, deputy_for=deputy_for)
    signer = require_person(change.actor)
    for other in change.items.values():
        if item.step in change.step(other).not_same_as and signer not in other.barred:
            other.barred = [*other.barred, signer]
            change.touched.add(other.activation)


def _keep(change: Change, item: WorkItem, outcome: str, opinion: str, values: Mapping[str, Any]) -> None:
    """Keep what this one of several signers said: under the names of ``values`` stands what the latest filled in."""
    name = f"{item.step}_signed"
    signed = {
        "visit": item.activation, "person": change.actor.person_id, "at": change.now.isoformat(), "outcome": outcome,
        "opinion": opinion, "values": dict(values), "withdrawn": False,
    }  # fmt: skip
    change.variables[name] = [*change.variables.get(name, ()), signed]


def votes_of(seats: Sequence[SignOff]) -> list[str]:
    """Return the outcomes signed so far, in the order of signing."""
    signed = [row for row in seats if row.state == SeatState.SIGNED and row.signed_at]
    return [row.outcome for row in sorted(signed, key=lambda row: (row.signed_at is None, row.signed_at))]


def settle(change: Change, item: WorkItem) -> str | None:
    """Finish the item if its sign-offs decide it, else let the next in turn sign. Returns the outcome or None."""
    step = change.step(item)
    kind = SignOffKind(item.sign_off)
    outcome = rules.decide(kind, step.sign_off.ratio, item.seats, votes_of(change.active_seats(item)), step.outcomes)
    if outcome is None:
        advance_turn(change, item)
        return None
    finish(change, item, outcome, ItemState.DONE, EventKind.COMPLETED)
    return outcome


def finish(change: Change, item: WorkItem, outcome: str, state: ItemState, act: EventKind) -> None:
    """Close the item with its outcome and move the tokens."""
    change.variables[f"{item.step}_outcome"] = outcome
    change.variables[f"{item.step}_timed_out"] = state is ItemState.TIMED_OUT
    services.decided(change, item.step)
    change.close_item(item.activation, state, act, outcome)
    change.complete(item.activation)


def advance_turn(change: Change, item: WorkItem) -> None:
    """Open the next waiting seat of an in-turn sign-off where nobody else is at it."""
    rows = sorted(change.seats(item), key=lambda row: row.position)
    if any(row.state == SeatState.OPEN for row in rows):
        return
    for row in rows:
        if row.state == SeatState.WAITING:
            row.state = SeatState.OPEN
            change.mark(row)
            return


def require_person(actor: Actor) -> int:
    """Return the actor's id. Raises AccessDenied to the system and to visitors."""
    if actor.person_id is None:
        raise AccessDenied("该操作只能由办理人本人进行")
    return actor.person_id
