"""What happens between steps, in the transaction that reaches it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from finmart.centres.technical.processes.models import ProcessEvent
from finmart.centres.technical.processes.queries.bindings import BINDINGS, binding_of
from finmart.centres.technical.processes.types import Binding, EventKind, StepContext
from finmart.integrations.bpmn.engine import UnableToAdvance
from finmart.integrations.bpmn.model import Kind, Node

if TYPE_CHECKING:
    from finmart.centres.technical.processes.operations.change import Change


def bind(process_key: str, bindings: Mapping[str, Binding]) -> None:
    """Bind the tasks of a process (by element id) to operations; registered from ``config/wiring.py``.

    A service task's binding runs in the transaction that reaches the task, again if the task is passed again, so it
    must be idempotent. A step's binding runs once the step is decided, before the process goes on: whatever it
    refuses, the step stays open. Both return variables to set, or None.
    """
    BINDINGS.setdefault(process_key, {}).update(bindings)


def decided(change: "Change", step: str) -> None:
    """Call the binding of a step that has just been decided, where it has one."""
    binding = binding_of(change.instance.process_key, step)
    if binding is not None:
        _call(change, step, binding)


def perform(change: "Change", node: Node) -> None:
    """Decide a table or call a binding, and keep what it returns as variables."""
    variables = change.variables
    instance = change.instance
    if node.kind is Kind.DECISION:
        table = change.definition.decisions[node.decision]
        decided = table.decide(variables)
        _note(
            change,
            node,
            EventKind.RULE_DECIDED,
            table.told(decided),
            {"seen": table.seen(variables), "decided": decided},
        )
        variables.update(decided)
        return
    binding = binding_of(instance.process_key, node.id)
    if binding is None:
        raise UnableToAdvance(f"系统步骤“{node.name or node.id}”没有绑定处理程序", remedy="请联系平台运营")
    _call(change, node.id, binding)
    _note(change, node, EventKind.SERVICE_DONE)


def _note(
    change: "Change", node: Node, act: EventKind, opinion: str = "", content: Mapping[str, Any] = MappingProxyType({})
) -> None:
    instance = change.instance
    change.log.append(
        ProcessEvent(
            instance_id=instance.pk, case_uuid=instance.case_uuid, at=change.now, act=act, step=node.id,
            lane=node.lane, person_id=change.actor.person_id, organisation_id=change.actor.organisation_id,
            actor_label=change.actor.label, opinion=opinion, content=dict(content),
        )
    )  # fmt: skip


def _call(change: "Change", task: str, binding: Binding) -> None:
    instance = change.instance
    known = MappingProxyType(change.variables)
    context = StepContext(instance.uuid, instance.case_uuid, instance.process_key, task, known, change.actor)
    change.variables.update(binding(context) or {})
