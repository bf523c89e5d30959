"""When a clock has run out: deadlines of steps, timer events, timers at the edge of steps."""

from finmart.centres.technical.processes.events import DeadlineMissed
from finmart.centres.technical.processes.models import Deadline
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.operations.working import finish
from finmart.centres.technical.processes.types import (
    DeadlineKind,
    DeadlineState,
    EventKind,
    InstanceState,
    ItemState,
    ProcessesAct,
)
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.extensions import ESCALATE
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor


def fire(actor: Actor, deadline_id: int) -> bool:
    """Let one clock go off if it is due; return whether it did. Calling twice fires once.

    A step with an outcome for time-out is passed with it, as timed out and never as approved by a person.
    """
    transactions.require()
    instance_id = Deadline.objects.filter(pk=deadline_id).values_list("instance__uuid", flat=True).first()
    if instance_id is None:
        return False
    change = Change.of_instance(actor, instance_id)
    row = Deadline.objects.filter(pk=deadline_id, state=DeadlineState.RUNNING, due_at__lte=change.now).first()
    if row is None or change.instance.state != InstanceState.ACTIVE:
        return False
    if row.kind == DeadlineKind.STEP:
        _step_due(change, row)
        return True
    _close(row, DeadlineState.FIRED)
    model, state, variables = change.definition.model, change.state, change.variables
    change.note(EventKind.TIMER_FIRED, element=row.element)
    if row.kind == DeadlineKind.WAIT:
        change.complete(row.activation)
    else:
        change.follow(engine.fire_boundary(model, state, row.activation, row.element, variables, change.perform))
    change.save(ProcessesAct.TIMER_FIRE, f"instance:{change.instance.uuid}", element=row.element)
    return True


def _step_due(change: Change, row: Deadline) -> None:
    item = change.items[row.activation]
    if row.on_timeout and row.on_timeout != ESCALATE:
        _close(row, DeadlineState.FIRED)
        finish(change, item, row.on_timeout, ItemState.TIMED_OUT, EventKind.TIMED_OUT)
    else:
        _close(row, DeadlineState.MISSED)
        change.note(EventKind.DEADLINE_MISSED, item, escalate=row.on_timeout == ESCALATE)
        change.tell(DeadlineMissed, item, escalate=row.on_timeout == ESCALATE)
    change.save(ProcessesAct.ITEM_TIME_OUT, f"item:{item.uuid}", step=item.step, outcome=row.on_timeout)


def _close(row: Deadline, state: DeadlineState) -> None:
    row.state = state
    row.save(update_fields=["state"])


def due(limit: int = 500) -> list[int]:
    """Return the ids of clocks that have run out in active processes, the oldest first."""
    rows = Deadline.objects.filter(
        state=DeadlineState.RUNNING, due_at__lte=clock.now(), instance__state=InstanceState.ACTIVE
    )
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:limit])
