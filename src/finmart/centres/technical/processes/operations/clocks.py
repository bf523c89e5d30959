"""Deadlines and timers of one process: opened, paused, resumed, closed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit, WorkingCalendar
from finmart.centres.technical.processes import rules
from finmart.centres.technical.processes.models import Deadline, Instance, WorkItem
from finmart.centres.technical.processes.types import DeadlineKind, DeadlineState, InstanceState
from finmart.integrations.bpmn import UnableToDecide
from finmart.integrations.bpmn.model import Model, Node, TimeLimit
from finmart.kit import clock


class Clocks:
    """The clocks of a process under lock. ``opened`` and ``changed`` are to be written, ``closed`` by activation."""

    def __init__(self, instance: Instance, now: datetime) -> None:
        self.instance = instance
        self.now = now
        self.of_activation: dict[int, Deadline] = {}
        self.opened: list[Deadline] = []
        self.changed: list[Deadline] = []
        self.closed: set[int] = set()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """What is counted here begins now, or is late already and then counts as nothing."""
        return parameters_queries.working_calendar(since=self.now.astimezone(clock.CITY_ZONE).date())

    def know(self, rows: Iterable[Deadline]) -> None:
        """Take in the clocks that were read with the open items."""
        self.of_activation.update({row.activation: row for row in rows})

    def of_item(self, item: WorkItem) -> Deadline | None:
        return self.of_activation.get(item.activation)

    def open_step(self, item: WorkItem, limit: TimeLimit) -> None:
        """Start the clock of a step."""
        deadline = self._started(limit, item.activation, item.step, DeadlineKind.STEP)
        deadline.item = item
        self.of_activation[item.activation] = deadline

    def open_timers(self, model: Model, node: Node, activation: int) -> None:
        """Start the timer of an event that waits, or the timers at the edge of a step or sub-process."""
        if node.timer:
            self._started(node.timer, activation, node.id, DeadlineKind.WAIT)
        for boundary in node.boundaries:
            limit = model.nodes[boundary].timer
            if limit:
                self._started(limit, activation, boundary, DeadlineKind.BOUNDARY)

    def close(self, activation: int, node: Node) -> None:
        """Stop all clocks of an activation that is left or taken back."""
        if node.timer or node.boundaries or (node.step and node.step.deadline):
            self.closed.add(activation)
        self.opened = [row for row in self.opened if row.activation != activation]
        self.of_activation.pop(activation, None)

    def settle(self, owing: Iterable[str], lane_of: dict[int, str]) -> tuple[list[Deadline], list[Deadline]]:
        """Pause and resume the clocks of open steps as the rule says; return (paused, resumed)."""
        debtors, suspended = list(owing), self.instance.state == InstanceState.SUSPENDED
        paused, resumed = [], []
        for activation, row in self.of_activation.items():
            still = rules.must_pause(lane_of[activation], debtors, pausable=row.pausable, suspended=suspended)
            if still and row.state == DeadlineState.RUNNING and row.due_at:
                row.remaining = max(0.0, self.calendar.between(self.now, row.due_at, Unit(row.unit)))
                row.state, row.due_at, row.paused_at = DeadlineState.PAUSED, None, self.now
                paused.append(row)
            elif not still and row.state == DeadlineState.PAUSED:
                row.due_at = self.calendar.add(self.now, row.remaining or 0.0, Unit(row.unit))
                row.state, row.remaining, row.paused_at = DeadlineState.RUNNING, None, None
                resumed.append(row)
        self.changed += [row for row in (*paused, *resumed) if row.pk]
        return paused, resumed

    def _started(self, limit: TimeLimit, activation: int, element: str, kind: DeadlineKind) -> Deadline:
        amount, unit, pausable, source = self._span(limit)
        row = Deadline(
            instance=self.instance, activation=activation, element=element, kind=kind, amount=amount, unit=unit,
            pausable=pausable, source=source[:200], on_timeout=limit.on_timeout, started_at=self.now,
            due_at=self._due(limit, amount, unit),
        )  # fmt: skip
        self.opened.append(row)
        return row

    def _span(self, limit: TimeLimit) -> tuple[float, Unit, bool, str]:
        if limit.setting:
            found = parameters_queries.deadline(limit.setting)
            return found.amount, found.unit, found.is_pausable, found.source
        given = self.instance.variables.get(limit.amount_from) if limit.amount_from else None
        amount = limit.amount if given is None else given
        if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
            raise UnableToDecide(f"期限变量 {limit.amount_from} 应为不小于 0 的数，现为“{str(amount)[:40]}”")
        return amount, Unit(limit.unit), limit.pausable, limit.source

    def _due(self, limit: TimeLimit, amount: float, unit: Unit) -> datetime:
        if limit.seconds:
            return self.now + timedelta(seconds=limit.seconds)
        if not limit.until:
            if unit is Unit.WORKING_DAYS:
                return self.calendar.add(self.now, amount, unit)
            return WorkingCalendar().add(self.now, amount, unit)
        return moment_of(self.instance.variables.get(limit.until), limit.until)


def moment_of(value: Any, name: str) -> datetime:
    """Return the moment a variable holds (ISO 8601; a bare day: midnight in the city). Raises UnableToDecide."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise UnableToDecide(f"定时变量 {name} 应为日期或时刻，现为“{str(value)[:40]}”") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=clock.CITY_ZONE)).astimezone(UTC)
