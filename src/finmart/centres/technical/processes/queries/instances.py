"""A process as a whole: its steps, its log, its diagram, whose time it took."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import policies, rules
from finmart.centres.technical.processes.models import Definition, Instance, ProcessEvent, WorkItem
from finmart.centres.technical.processes.policies import Standing
from finmart.centres.technical.processes.queries import views
from finmart.centres.technical.processes.queries.definitions import compiled
from finmart.centres.technical.processes.queries.items import PAGE
from finmart.centres.technical.processes.types import (
    EventKind,
    EventView,
    Figures,
    InstanceState,
    InstanceView,
    ItemState,
    Mark,
    ProcessesAct,
    Progress,
    StepView,
)
from finmart.integrations.bpmn.model import Kind
from finmart.integrations.bpmn.state import State, Status
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound

LONGEST_LOG = 1_000
_MARK_OF_ITEM = {
    ItemState.CANCELLED: Mark.CANCELLED,
    ItemState.DONE: Mark.DONE,
    ItemState.OPEN: Mark.CURRENT,
    ItemState.RETURNED: Mark.RETURNED,
    ItemState.SKIPPED: Mark.DONE,
    ItemState.TIMED_OUT: Mark.DONE,
}
_MARK_OF_STATUS = {
    Status.DONE: Mark.DONE,
    Status.KILLED: Mark.CANCELLED,
    Status.LIVE: Mark.CURRENT,
    Status.TIMED_OUT: Mark.DONE,
}


def started_by(actor: Actor, *, limit: int = PAGE, offset: int = 0) -> list[InstanceView]:
    """Return the processes this person started, the newest first."""
    return _views(actor, _instances().filter(started_by=actor.person_id).order_by("-id")[offset : offset + limit])


def count_started_by(actor: Actor) -> int:
    return Instance.objects.filter(started_by=actor.person_id).count()


def instances_of(actor: Actor, case_uuid: UUID) -> list[InstanceView]:
    """Return the processes of a case that the actor may see, the oldest first."""
    rows = _instances().filter(case_uuid=case_uuid).order_by("id")
    return _views(actor, [row for row in rows if policies.can_see_instance(actor, row)])


def steps_of(actor: Actor, instance_uuid: UUID) -> list[StepView]:
    """Return the bar of steps in the order of the model, the current ones named; raises NotFound to strangers.

    Outcomes and item uuids are given to the side that holds the step only.
    """
    instance = _found(actor, instance_uuid)
    latest = {item.step: item for item in _items_of(instance)}
    standing = Standing(actor)
    return [
        _step_view(standing, node.id, node.name or node.id, node.lane, node.step.clause, latest.get(node.id), labels)
        for node in compiled(instance.definition).model.steps()
        if node.step
        for labels in ({row.code: row.label for row in node.step.outcomes},)
    ]


def _step_view(
    standing: Standing, step: str, name: str, lane: str, clause: str, item: WorkItem | None, labels: Mapping[str, str]
) -> StepView:
    if item is None:
        return StepView(step, name, lane, clause, Mark.UPCOMING, None, None, None, None, "")
    is_own = views.is_own_side(standing, item, ())
    deadline = item.deadline if hasattr(item, "deadline") else None
    return StepView(
        step, name, lane, clause, _MARK_OF_ITEM[ItemState(item.state)], item.uuid if is_own else None,
        item.opened_at, item.closed_at, deadline.due_at if deadline and item.state == ItemState.OPEN else None,
        labels.get(item.outcome, "") if is_own else "",
    )  # fmt: skip


def events_of(actor: Actor, instance_uuid: UUID, *, limit: int = LONGEST_LOG) -> list[EventView]:
    """Return the newest lines of the event log, the oldest first; raises NotFound to strangers.

    Who acted in another organisation, and what they wrote, is not shown; a return shows its reason to who gets it.
    The operator reads every line, with names masked and without what people wrote or rules saw.
    """
    instance = _found(actor, instance_uuid)
    rows = list(ProcessEvent.objects.filter(instance=instance).select_related("person").order_by("-id")[:limit])[::-1]
    nodes = compiled(instance.definition).model.nodes
    return [_event_view(actor, row, nodes[row.step].name if row.step in nodes else "") for row in rows]


def _event_view(actor: Actor, row: ProcessEvent, name: str) -> EventView:
    is_own = row.organisation_id is not None and row.organisation_id == actor.organisation_id
    oversees = policies.can_oversee(actor) and not is_own
    who = row.person.full_name if row.person else row.actor_label
    is_told = row.act == EventKind.RETURNED and row.content.get("organisation") == actor.organisation_id
    person, opinion, content = who if is_own else "", row.opinion if is_own or is_told else "", row.content
    if oversees:
        person, opinion = (
            views.overseen(actor, who, row.person_id),
            views.words_overseen(actor, row.opinion),
        )
        content = {key: value for key, value in content.items() if actor.system or key != "seen"}
    return EventView(
        row.at, EventKind(row.act), row.step, name or row.step, row.lane, person, row.organisation_id, opinion,
        content if is_own or oversees else {},
    )  # fmt: skip


def progress_of(actor: Actor, instance_uuid: UUID) -> Progress:
    """Return the model as deployed and how each element and flow is painted; raises NotFound to strangers."""
    instance = _found(actor, instance_uuid)
    model, state = compiled(instance.definition).model, State.load(instance.tokens)
    marks = {item.step: _MARK_OF_ITEM[ItemState(item.state)] for item in _items_of(instance)}
    for visited in sorted(state.activations.values(), key=lambda row: row.id):
        if model.nodes[visited.node].kind is not Kind.SCOPE_END:
            marks[visited.node] = _MARK_OF_STATUS[visited.status]
        marks |= dict.fromkeys((flow for flow in visited.flows if flow), Mark.DONE)
    marks |= {token.flow: Mark.DONE for token in state.waiting if token.flow and not token.killer}
    return Progress(Definition.objects.values_list("xml", flat=True).get(pk=instance.definition_id), marks)


def time_by_lane_for(actor: Actor, instance_uuid: UUID) -> Mapping[str, timedelta]:
    """Return lane → time it took so far; while a party owes something the time is theirs. NotFound to strangers."""
    instance = _found(actor, instance_uuid)
    until = instance.ended_at or clock.now()
    stretches = [rules.Stretch(i.lane, i.opened_at, i.closed_at, i.owing) for i in _items_of(instance)]
    owed: tuple[str, object] | None = None
    acts = (EventKind.CLOCK_PAUSED, EventKind.CLOCK_RESUMED)
    for row in ProcessEvent.objects.filter(instance=instance, act__in=acts, step="").order_by("id"):
        if owed is not None:
            stretches.append(rules.Stretch(owed[0], owed[1], row.at, owes=True))  # type: ignore[arg-type] # a moment
        owed = (row.content["owed_by"], row.at) if row.act == EventKind.CLOCK_PAUSED else None
    if owed is not None:
        stretches.append(rules.Stretch(owed[0], owed[1], None, owes=True))  # type: ignore[arg-type] # a moment
    return rules.time_by_lane(stretches, until)


def _instances() -> QuerySet[Instance]:
    return Instance.objects.select_related("definition").defer("definition__xml", "definition__decisions")


def _found(actor: Actor, instance_uuid: UUID) -> Instance:
    instance = _instances().filter(uuid=instance_uuid).first()
    if instance is None or not policies.can_see_instance(actor, instance):
        raise NotFound("没有找到该流程")
    return instance


def _items_of(instance: Instance) -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(instance=instance).select_related("deadline").order_by("id")


def _views(actor: Actor, rows: Iterable[Instance]) -> list[InstanceView]:
    instances = list(rows)
    current: dict[int, list[str]] = {}
    opened = WorkItem.objects.filter(instance__in=instances, state=ItemState.OPEN).order_by("id")
    for key, step in opened.values_list("instance_id", "step"):
        current.setdefault(key, []).append(step)
    return [_instance_view(actor, row, current.get(row.pk, [])) for row in instances]


def _instance_view(actor: Actor, row: Instance, current: list[str]) -> InstanceView:
    nodes = compiled(row.definition).model.nodes
    acts: set[ProcessesAct] = set()
    if row.state in {InstanceState.ACTIVE, InstanceState.SUSPENDED}:
        if policies.can_terminate(actor, row):
            acts.add(ProcessesAct.INSTANCE_TERMINATE)
        if policies.can_steer(actor):
            is_active = row.state == InstanceState.ACTIVE
            acts.add(ProcessesAct.INSTANCE_SUSPEND if is_active else ProcessesAct.INSTANCE_RESUME)
        if policies.can_pause(actor, row):
            acts.add(ProcessesAct.INSTANCE_UNPAUSE if row.owed_by else ProcessesAct.INSTANCE_PAUSE)
    return InstanceView(
        row.uuid, row.case_uuid, row.process_key, row.definition.name, row.definition.version,
        InstanceState(row.state), tuple(nodes[step].name or step for step in current), row.started_at, row.ended_at,
        frozenset(acts),
    )  # fmt: skip


def colleagues_for(actor: Actor) -> Mapping[int, str]:
    """Return id → name of the members of the actor's organisation: whom an item may be given to."""
    if actor.organisation_id is None:
        return {}
    members = parties_queries.members_with_role(actor.organisation_id)
    return {member.id: member.full_name for member in members if member.id != actor.person_id}


def figures() -> Figures:
    """Return the counts of the whole platform, which anybody may know."""
    states = WorkItem.objects.aggregate(
        decided=Count("id", filter=Q(state=ItemState.DONE)), timed_out=Count("id", filter=Q(state=ItemState.TIMED_OUT))
    )
    running = Instance.objects.filter(state=InstanceState.ACTIVE).count()
    return Figures(running, states["decided"], states["timed_out"])
