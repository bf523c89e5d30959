"""Opening a step for people: who holds it, how many must sign, until when."""

from typing import TYPE_CHECKING, Any

from finmart.centres.technical.processes import rules
from finmart.centres.technical.processes.events import StepOpened
from finmart.centres.technical.processes.models import WorkItem
from finmart.centres.technical.processes.types import (
    EventKind,
    ItemState,
    SeatState,
    UnableToSignOff,
    UnableToStart,
)
from finmart.integrations.bpmn.model import Node, SignOffRule, Step
from finmart.kit import sql

if TYPE_CHECKING:
    from finmart.centres.technical.processes.operations.change import Change

MOST_SEATS = 100
_SIGNERS = """
SELECT s.signed_by FROM processes_workitem w JOIN processes_signoff s ON s.item_id = w.id
WHERE w.instance_id = %s AND w.step = ANY(%s) AND w.state IN ('OPEN', 'DONE') AND s.state = 'SIGNED'
"""


def open_item(change: "Change", node: Node, activation: int) -> None:
    """Make the work item of a step the engine has opened; with nobody to sign it is passed with the first yes."""
    step = node.step
    if step is None:
        raise TypeError(f"{node.id} is no step")
    holder = _holder(change, node)
    signers, seats = _signers(change, node, step.sign_off)
    barred = _barred(change, step)
    if not barred.isdisjoint(signers):
        raise UnableToSignOff(f"步骤“{node.name}”的签署人须回避", field="person", remedy="请另选未参与过原决定的人员")
    item = WorkItem(
        instance=change.instance, activation=activation, step=node.id, lane=node.lane,
        organisation_id=holder["organisation_id"], lane_person_id=holder["person_id"],
        roles=list(step.roles) or holder["roles"] or list(_lane_roles(change, node)),
        barred=sorted(barred), owing=step.owing, sign_off=step.sign_off.kind, seats=seats,
        opened_at=change.now,
    )  # fmt: skip
    if not seats:
        _skip(change, item, step)
        return
    change.items[activation] = item
    change.opened.append(item)
    for person in signers:
        change.take_seat(item, person, is_named=True)
    if step.deadline:
        change.clocks.open_step(item, step.deadline)
    change.note(EventKind.OPENED, item, organisation=item.organisation_id)
    change.tell(StepOpened, item)


def _skip(change: "Change", item: WorkItem, step: Step) -> None:
    outcome = rules.decide(step.sign_off.kind, step.sign_off.ratio, 0, [], step.outcomes) or ""
    item.state, item.outcome, item.closed_at = ItemState.SKIPPED, outcome, change.now
    change.opened.append(item)
    change.variables[f"{item.step}_outcome"] = outcome
    change.skips.append(item.activation)
    change.note(EventKind.SKIPPED, item, outcome=outcome)


def _holder(change: "Change", node: Node) -> dict[str, Any]:
    if not node.lane and not change.definition.model.lanes:
        holders = list(change.instance.lanes.values())
    else:
        holders = [change.instance.lanes[node.lane]] if node.lane in change.instance.lanes else []
    if not holders:
        raise UnableToStart(f"步骤“{node.name or node.id}”的承办方“{node.lane}”尚未确定", field="lanes")
    found: dict[str, Any] = holders[0]
    return found


def _lane_roles(change: "Change", node: Node) -> tuple[str, ...]:
    lane = change.definition.model.lanes.get(node.lane)
    return lane.roles if lane else ()


def _signers(change: "Change", node: Node, rule: SignOffRule) -> tuple[list[int], int]:
    """Return the named signers and the number of seats."""
    named: list[int] = []
    if rule.signers:
        listed = change.variables.get(rule.signers)
        if not isinstance(listed, list) or not all(type(person) is int for person in listed):
            raise UnableToSignOff(f"步骤“{node.name}”的签署人变量 {rule.signers} 应为人员列表")
        named = list(dict.fromkeys(listed))
    seats = len(named) if rule.signers else rule.seats
    if rule.count:
        counted = change.variables.get(rule.count)
        if type(counted) is not int or not 0 <= counted <= MOST_SEATS:
            raise UnableToSignOff(f"步骤“{node.name}”的签署人数变量 {rule.count} 应为 0 至 {MOST_SEATS} 的整数")
        seats = counted
    if seats < rule.minimum:
        raise UnableToSignOff(f"步骤“{node.name}”至少需要 {rule.minimum} 人签署，现只有 {seats} 人")
    return named, seats


def _barred(change: "Change", step: Step) -> set[int]:
    """Return who may not work on the step: who signed what bars from it, and whom the process names."""
    named = change.variables.get(step.barred_from) if step.barred_from else None
    return _signed_before(change, step).union(named if isinstance(named, list) else ())


def _signed_before(change: "Change", step: Step) -> set[int]:
    """Return who signed the steps that bar from this one, in the rounds that still count and in this very act."""
    if not step.not_same_as:
        return set()
    signed = {person for (person,) in sql.rows(_SIGNERS, [change.instance.pk, list(step.not_same_as)])}
    for item in (*change.closed, *change.items.values()):
        if item.step in step.not_same_as:
            signed |= {row.signed_by for row in change.seats(item) if row.state == SeatState.SIGNED}
    return {person for person in signed if person is not None}
