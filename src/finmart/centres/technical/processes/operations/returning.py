"""Going back: return to an earlier step, withdraw what was just sent."""

from uuid import UUID

from finmart.centres.technical.processes import rules
from finmart.centres.technical.processes.events import StepReturned
from finmart.centres.technical.processes.models import SignOff, WorkItem
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.operations.working import require_person
from finmart.centres.technical.processes.queries.bindings import binding_of
from finmart.centres.technical.processes.queries.targets import targets_of
from finmart.centres.technical.processes.types import (
    EventKind,
    ItemState,
    ProcessesAct,
    SeatState,
    UnableToWithdraw,
)
from finmart.integrations.bpmn.engine import UnableToReturn
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound


def return_to(actor: Actor, item_uuid: UUID, step: str = "", *, opinion: str) -> UUID:
    """Return an open item to the previous step (``step`` empty) or to any earlier one; return the new item's uuid.

    Also out of a parallel branch, from behind a join, out of an all-sign step in which others have signed. What is
    taken back is told in the README of ``integrations/bpmn``; variables keep their latest values. Raises
    UnableToReturn where there is no such earlier step or no reason is given.
    """
    change = Change.of_item(actor, item_uuid)
    item = change.open_item(item_uuid)
    change.seat(item)
    if not opinion.strip():
        raise UnableToReturn("请说明退回原因", field="opinion")
    targets = targets_of(change.instance, change.definition.model, change.state, item.activation)
    target = next((row for row in targets if not step or row.node == step), None)
    if target is None:
        raise UnableToReturn("没有可以退回的步骤" if not step else "不能退回到该步骤", field="step")
    _discard_untouched(change, item)
    change.note(EventKind.RETURNED, item, opinion, before=item.step, after=target.node)
    told = change.log[-1].content
    change.return_to(target.id)
    reopened = next(row for row in change.opened if row.step == target.node)
    told["organisation"] = reopened.organisation_id  # who is to read the reason
    change.tell(StepReturned, reopened, opinion=opinion)
    change.save(ProcessesAct.ITEM_RETURN, f"item:{item_uuid}", step=item.step, target=target.node)
    return reopened.uuid


def _discard_untouched(change: Change, item: WorkItem) -> None:
    """A seat taken only in order to return is not written."""
    seats = change.seats(item)
    seats[:] = [row for row in seats if not row.is_new]


def withdraw(actor: Actor, item_uuid: UUID) -> UUID:
    """Take back what the actor has just signed, if nobody and nothing has acted on it since; return the open item.

    In a step that others have still to sign the signature alone is taken back. Raises UnableToWithdraw.
    """
    person = require_person(actor)
    change = Change.of_item(actor, item_uuid)
    change.require_running()
    item = change.items_of_any_state(item_uuid)
    seat = SignOff.objects.filter(item=item, signed_by=person, state=SeatState.SIGNED).first()
    if seat is None:
        raise AccessDenied("只能撤回本人办理的事项") if change.is_known() else NotFound("没有找到该事项")
    if item.state == ItemState.OPEN:
        return _take_signature_back(change, change.open_item(item_uuid))
    if item.state != ItemState.DONE or item.activation not in change.state.activations:
        raise UnableToWithdraw("该事项的结果已不能撤回")
    _refuse_if_acted_on(change, item)
    change.note(EventKind.WITHDRAWN, item)
    change.return_to(item.activation)
    reopened = next(row for row in change.opened if row.step == item.step)
    change.save(ProcessesAct.ITEM_WITHDRAW, f"item:{item_uuid}", step=item.step)
    return reopened.uuid


def _take_signature_back(change: Change, item: WorkItem) -> UUID:
    seats = change.seats(item)
    mine = next(r for r in seats if r.signed_by == change.actor.person_id and r.state == SeatState.SIGNED)
    if item.sign_off == "IN_TURN":
        if any(r.position > mine.position and r.state == SeatState.SIGNED for r in seats):
            raise UnableToWithdraw("后面的签署人已经签署，不能撤回")
        for row in seats:
            if row.position > mine.position and row.state == SeatState.OPEN:
                row.state = SeatState.WAITING
                change.mark(row)
    mine.state, mine.outcome, mine.opinion, mine.signed_by, mine.signed_at = SeatState.OPEN, "", "", None, None
    change.mark(mine)
    for one in change.variables.get(f"{item.step}_signed", ()):
        if one["visit"] == item.activation and one["person"] == change.actor.person_id:
            one["withdrawn"] = True
    change.note(EventKind.WITHDRAWN, item)
    change.save(ProcessesAct.ITEM_WITHDRAW, f"item:{item.uuid}", step=item.step)
    return item.uuid


def _refuse_if_acted_on(change: Change, item: WorkItem) -> None:
    if binding_of(change.instance.process_key, item.step) is not None:
        raise UnableToWithdraw("该步骤办结时已产生业务效果，不能撤回", remedy="可以请当前办理人退回")
    if rules.is_acted_on(change.definition.model, change.state, item.activation):
        raise UnableToWithdraw("后续步骤已经办理，不能撤回", remedy="可以请当前办理人退回")
    later = change.state.descendants(item.activation)
    for activation, other in change.items.items():
        if activation in later and any(row.state == SeatState.SIGNED for row in change.seats(other)):
            raise UnableToWithdraw("后续步骤已有人签署，不能撤回", remedy="可以请当前办理人退回")
