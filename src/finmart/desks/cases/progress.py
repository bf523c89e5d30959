"""Where a case is in its process: who has it, until when, and the way it went. Clause P3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from finmart.centres.business.cases.types import CaseView
from finmart.centres.technical.processes import queries as processes_queries
from finmart.centres.technical.processes.types import EventKind, EventView, InstanceView, Mark, StepView
from finmart.kit.actor import Actor

# What a party wants to read; claims, seats and copies are the working of one side.
_TOLD = frozenset(
    {
        EventKind.CLOCK_PAUSED,
        EventKind.CLOCK_RESUMED,
        EventKind.COMPLETED,
        EventKind.DEADLINE_MISSED,
        EventKind.RESUMED,
        EventKind.RETURNED,
        EventKind.RULE_DECIDED,
        EventKind.SIGNED,
        EventKind.SUSPENDED,
        EventKind.TERMINATED,
        EventKind.TIMED_OUT,
        EventKind.URGED,
        EventKind.WITHDRAWN,
    }
)
_WARNING = frozenset({EventKind.DEADLINE_MISSED, EventKind.RETURNED, EventKind.TERMINATED, EventKind.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """A process of a case and its steps; without one that the actor may see, nothing. ``instances``: all of them."""

    instance: InstanceView | None = None
    steps: tuple[StepView, ...] = ()
    instances: tuple[InstanceView, ...] = ()

    @property
    def current(self) -> tuple[StepView, ...]:
        return tuple(step for step in self.steps if step.mark is Mark.CURRENT)

    @property
    def note(self) -> str:
        """Return who has the case at which step, in words."""
        return "；".join(f"{step.name}（{step.lane}）" for step in self.current)


def progress_for(actor: Actor, case_uuid: UUID) -> CaseProgress:
    """Return how far the latest process of a case is, as this actor may see it."""
    instances = processes_queries.instances_of(actor, case_uuid)
    if not instances:
        return CaseProgress()
    return CaseProgress(instances[-1], tuple(processes_queries.steps_of(actor, instances[-1].uuid)), tuple(instances))


def process_asked_for(actor: Actor, latest: CaseProgress, asked: str) -> CaseProgress:
    """Return the process of the case with this uuid, the latest where there is none."""
    found = next((one for one in latest.instances[:-1] if str(one.uuid) == asked), None)
    if found is None:
        return latest
    return CaseProgress(found, tuple(processes_queries.steps_of(actor, found.uuid)), latest.instances)


def events_for(actor: Actor, case: CaseView) -> list[dict[str, Any]]:
    """Return rows for the ``timeline`` component out of the logs of the case's processes."""
    names = {party.organisation_id: party.name for party in case.parties}
    return [
        _entry(event, names)
        for instance in processes_queries.instances_of(actor, case.ref.uuid)
        for event in processes_queries.events_of(actor, instance.uuid)
        if event.act in _TOLD
    ]


def _entry(event: EventView, names: Mapping[int | None, str]) -> dict[str, Any]:
    return {
        "at": event.at,
        "who": event.person_name or event.lane or "平台系统",
        "organisation": names.get(event.organisation_id, "") if event.organisation_id else "",
        "what": f"{event.act.label}：{event.step_name}" if event.step_name else event.act.label,
        "text": event.opinion,
        "tone": "orange" if event.act in _WARNING else "grey",
    }
