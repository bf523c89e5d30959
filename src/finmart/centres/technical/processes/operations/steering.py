"""Bringing in models, starting processes, and what stands above their steps."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.models import Definition, Instance
from finmart.centres.technical.processes.operations.change import Change
from finmart.centres.technical.processes.queries import definitions
from finmart.centres.technical.processes.types import (
    DefinitionRef,
    EventKind,
    InstanceState,
    LaneHolder,
    ProcessesAct,
    UnableToDeploy,
    UnableToStart,
)
from finmart.integrations import bpmn
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.state import State
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.statements import insert


def deploy(actor: Actor, key: str, xml: str, decisions: str = "") -> DefinitionRef:
    """Bring in a process model (and its decision tables) as a new immutable version; the same content again is none.

    Running cases stay on their version. Raises UnableToDeploy with every fault, its element and line.
    """
    transactions.require()
    if not policies.can_deploy(actor):
        raise AccessDenied("您无权部署流程")
    faults = bpmn.validate(xml, decisions)
    if faults:
        raise UnableToDeploy("；".join(faults[:5]), field="xml", remedy="请修改流程模型后重新部署")
    model = bpmn.read(xml)
    digest = hashlib.sha256(f"{xml}\x00{decisions}".encode()).hexdigest()
    latest = Definition.objects.filter(key=key).defer("xml", "decisions").order_by("-version").first()
    if latest is not None and latest.sha256 == digest:
        return definitions.definition_ref(latest)
    row = Definition(
        key=key, version=latest.version + 1 if latest else 1, name=model.name or key, clause=model.clause, xml=xml,
        decisions=decisions, sha256=digest, deployed_at=clock.now(), deployed_by=actor.label,
    )  # fmt: skip
    try:
        with transactions.opened():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("该流程刚刚由他人部署了新版本") from error
    audit_operations.record(
        actor, ProcessesAct.DEFINITION_DEPLOY, f"definition:{key}", version=row.version, sha256=digest
    )
    return definitions.definition_ref(row)


def start(
    actor: Actor,
    key: str,
    *,
    case_uuid: UUID,
    variables: Mapping[str, Any] | None = None,
    lanes: Mapping[str, LaneHolder],
) -> UUID:
    """Start the newest version of a process for a case and run to its first steps; return the instance's uuid.

    ``lanes`` maps lane names of the model to who holds them; a lane may be assigned later, before its first step.
    Raises NotFound for an unknown key, UnableToStart for an unknown lane.
    """
    transactions.require()
    definition = definitions.newest(key)
    model = definitions.compiled(definition).model
    unknown = [name for name in lanes if model.lanes and name not in model.lanes]
    if unknown:
        raise UnableToStart(f"流程中没有名为“{unknown[0]}”的泳道", field="lanes")
    now = clock.now()
    instance = Instance(
        definition=definition, process_key=key, case_uuid=case_uuid, state=InstanceState.ACTIVE,
        tokens=State().dump(), variables=dict(variables or {}), started_at=now, started_by=actor.person_id,
        started_by_organisation=actor.organisation_id,
        lanes={name: _holder(holder) for name, holder in lanes.items()},
    )  # fmt: skip
    insert([instance])
    change = Change(actor, instance, State(), now=now)
    change.note(EventKind.STARTED, version=definition.version)
    change.state, effects = engine.start(model, change.variables, change.perform)
    change.follow(effects)
    change.save(ProcessesAct.INSTANCE_START, f"instance:{instance.uuid}", process=key, version=definition.version)
    return instance.uuid


def _holder(holder: LaneHolder) -> dict[str, Any]:
    return {
        "organisation_id": holder.organisation_id,
        "person_id": holder.person_id,
        "roles": [str(role) for role in holder.roles],
    }


def assign_lane(actor: Actor, instance_uuid: UUID, lane: str, holder: LaneHolder) -> None:
    """Say who holds a lane from now on; open items of the lane keep their holder. For the system and the operator."""
    change = _steered(actor, instance_uuid)
    if lane not in change.definition.model.lanes:
        raise UnableToStart(f"流程中没有名为“{lane}”的泳道", field="lane")
    change.instance.lanes[lane] = _holder(holder)
    change.note(EventKind.LANE_ASSIGNED, lane=lane, organisation=holder.organisation_id)
    change.save(ProcessesAct.INSTANCE_ASSIGN_LANE, f"instance:{instance_uuid}", lane=lane)


def set_variables(actor: Actor, instance_uuid: UUID, values: Mapping[str, Any]) -> None:
    """Set variables from outside a step (a callback, a journey). For the system and the operator."""
    change = _steered(actor, instance_uuid)
    change.variables.update(values)
    change.save(ProcessesAct.INSTANCE_SET_VARIABLES, f"instance:{instance_uuid}", names=sorted(values))


def suspend(actor: Actor, instance_uuid: UUID, *, opinion: str) -> None:
    """Hold a process: nobody acts, timers do not fire, pausable clocks stand still. Raises Conflict if not active."""
    change = _steered(actor, instance_uuid)
    change.require_running()
    change.instance.state = InstanceState.SUSPENDED
    change.note(EventKind.SUSPENDED, opinion=opinion)
    change.save(ProcessesAct.INSTANCE_SUSPEND, f"instance:{instance_uuid}", opinion=opinion)


def resume(actor: Actor, instance_uuid: UUID) -> None:
    """Let a suspended process go on; what fell due meanwhile fires with the next run of the timers."""
    change = _steered(actor, instance_uuid)
    if change.instance.state != InstanceState.SUSPENDED:
        raise Conflict("该流程没有暂停")
    change.instance.state = InstanceState.ACTIVE
    change.note(EventKind.RESUMED)
    change.save(ProcessesAct.INSTANCE_RESUME, f"instance:{instance_uuid}")


def terminate(actor: Actor, instance_uuid: UUID, *, opinion: str) -> None:
    """Break a process off: everything open is cancelled. The system, the operator, or who started it."""
    change = Change.of_instance(actor, instance_uuid)
    if not policies.can_terminate(actor, change.instance):
        raise AccessDenied("您无权终止该流程") if change.is_known() else NotFound("没有找到该流程")
    if change.instance.state in {InstanceState.COMPLETED, InstanceState.TERMINATED}:
        raise Conflict("该流程已经结束")
    change.note(EventKind.TERMINATED, opinion=opinion)
    change.is_aborted = True
    change.follow(engine.abort(change.definition.model, change.state))
    change.instance.state = InstanceState.TERMINATED
    change.instance.ended_at = change.now
    change.save(ProcessesAct.INSTANCE_TERMINATE, f"instance:{instance_uuid}", opinion=opinion)


def pause(actor: Actor, instance_uuid: UUID, *, owed_by: str, opinion: str = "") -> None:
    """Say that a lane owes something: pausable clocks of the others stand still, the time counts as that lane's."""
    change = _of_party(actor, instance_uuid)
    if owed_by not in change.instance.lanes:
        raise NotFound(f"流程中没有名为“{owed_by}”的承办方", field="owed_by")
    change.instance.owed_by = owed_by
    change.note(EventKind.CLOCK_PAUSED, opinion=opinion, owed_by=owed_by)
    change.save(ProcessesAct.INSTANCE_PAUSE, f"instance:{instance_uuid}", owed_by=owed_by)


def unpause(actor: Actor, instance_uuid: UUID) -> None:
    """Say that nothing is owed any more."""
    change = _of_party(actor, instance_uuid)
    if not change.instance.owed_by:
        raise Conflict("该流程没有暂停计时")
    change.note(EventKind.CLOCK_RESUMED, owed_by=change.instance.owed_by)
    change.instance.owed_by = ""
    change.save(ProcessesAct.INSTANCE_UNPAUSE, f"instance:{instance_uuid}")


def _of_party(actor: Actor, instance_uuid: UUID) -> Change:
    change = Change.of_instance(actor, instance_uuid)
    if not policies.can_pause(actor, change.instance):
        raise NotFound("没有找到该流程")
    change.require_running()
    return change


def _steered(actor: Actor, instance_uuid: UUID) -> Change:
    change = Change.of_instance(actor, instance_uuid)
    if not policies.can_steer(actor):
        raise AccessDenied("您无权调度该流程") if change.is_known() else NotFound("没有找到该流程")
    return change
