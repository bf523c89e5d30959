"""One act on one process: lock, read, move, write. Every operation goes through it, so all write the same rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.events import InstanceEnded, StepCancelled, StepCompleted, StepEvent
from finmart.centres.technical.processes.models import Instance, ProcessEvent, SignOff, WorkItem
from finmart.centres.technical.processes.operations import openings, reading, services, writing
from finmart.centres.technical.processes.operations.clocks import Clocks
from finmart.centres.technical.processes.queries.definitions import Compiled, compiled
from finmart.centres.technical.processes.queries.standing import standing_of
from finmart.centres.technical.processes.types import EventKind, InstanceState, ItemState, ProcessesAct, SeatState
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.engine import Effect, Happening
from finmart.integrations.bpmn.model import Kind, Node, Step
from finmart.integrations.bpmn.state import State, Status
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound


@dataclass
class Change:
    """A process under lock with its open items; what is gathered here is written by :meth:`save`."""

    actor: Actor
    instance: Instance
    state: State
    items: dict[int, WorkItem] = field(default_factory=dict)
    sign_offs: dict[int, list[SignOff]] = field(default_factory=dict)
    opened: list[WorkItem] = field(default_factory=list)
    closed: list[WorkItem] = field(default_factory=list)
    log: list[ProcessEvent] = field(default_factory=list)
    told: list[events.Event] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    skips: list[int] = field(default_factory=list)
    is_aborted: bool = False
    touched: set[int] = field(default_factory=set)
    touched_seats: set[int] = field(default_factory=set)
    now: datetime = field(default_factory=clock.now)

    @classmethod
    def of_item(cls, actor: Actor, item_uuid: UUID) -> "Change":
        """Lock the process of an item. Raises NotFound."""
        transactions.require()
        return cls._of(actor, reading.of_item(item_uuid))

    @classmethod
    def of_instance(cls, actor: Actor, instance_uuid: UUID) -> "Change":
        """Lock a process. Raises NotFound."""
        transactions.require()
        return cls._of(actor, reading.of_instance(instance_uuid))

    @classmethod
    def _of(cls, actor: Actor, found: reading.Found | None) -> "Change":
        if found is None:
            raise NotFound("没有找到该事项")
        change = cls(actor, found.instance, State.load(found.instance.tokens), found.items, found.seats)
        change.clocks.know(found.clocks)
        return change

    # -- what is known ---------------------------------------------------------------------------------------------

    @cached_property
    def definition(self) -> Compiled:
        return compiled(self.instance.definition)

    @property
    def variables(self) -> dict[str, Any]:
        found: dict[str, Any] = self.instance.variables
        return found

    @cached_property
    def clocks(self) -> Clocks:
        return Clocks(self.instance, self.now)

    def node(self, element: str) -> Node:
        return self.definition.model.nodes[element]

    def step(self, item: WorkItem) -> Step:
        found = self.node(item.step).step
        if found is None:
            raise TypeError(f"{item.step} is no step")
        return found

    def seats(self, item: WorkItem) -> list[SignOff]:
        return self.sign_offs.setdefault(item.activation, [])

    def active_seats(self, item: WorkItem) -> list[SignOff]:
        return [row for row in self.seats(item) if row.state in policies.ACTIVE_SEATS]

    def open_item(self, item_uuid: UUID) -> WorkItem:
        """Return an open item of the locked process. Raises NotFound to strangers, Conflict where it is closed."""
        item = next((each for each in self.items.values() if each.uuid == item_uuid), None)
        if item is None:
            if not policies.can_see_instance(self.actor, self.instance):
                raise NotFound("没有找到该事项")
            raise Conflict("该事项已经办结或被他人处理", remedy="请刷新待办列表")
        self.require_running()
        return item

    def items_of_any_state(self, item_uuid: UUID) -> WorkItem:
        """Return an item of the locked process, open or not."""
        found = next((each for each in self.items.values() if each.uuid == item_uuid), None)
        return found or WorkItem.objects.get(uuid=item_uuid)

    def is_known(self) -> bool:
        """May the actor know of this process?"""
        return policies.can_see_instance(self.actor, self.instance)

    def require_running(self) -> None:
        if not policies.is_running(self.instance):
            raise Conflict(f"该流程{InstanceState(self.instance.state).label}，暂不能办理")

    def seat(self, item: WorkItem, *, take: bool = True) -> SignOff:
        """Return the seat the actor may act on, taking a free one where ``take``.

        A colleague who stands in acts on the absent person's seat. Raises AccessDenied, and NotFound to strangers.
        """
        for standing in self._standings():
            found = policies.own_seat(standing, self.seats(item))
            if found is not None:
                self._refuse_barred(item)
                return found
            holder = policies.free_seat_holder(standing, item, self.seats(item)) if take else None
            if holder is not None:
                self._refuse_barred(item)
                return self.take_seat(item, holder)
        self.refuse(item)
        raise AccessDenied("您不是该事项的办理人")

    def _standings(self) -> Iterable[policies.Standing]:
        yield policies.Standing(self.actor)
        standing = standing_of(self.actor)
        if standing.absent:
            yield standing

    def _refuse_barred(self, item: WorkItem) -> None:
        if policies.is_recused(self.actor, self.instance, item):
            raise AccessDenied("您与对方存在已登记的利害关系，应当回避", remedy="由本机构其他人员办理")
        if self.actor.person_id in item.barred:
            raise AccessDenied("您已办理过相关步骤，按双人复核要求不能办理本步骤")

    def refuse(self, item: WorkItem) -> None:
        """Raise what fits: NotFound to strangers, Conflict where a colleague was faster, AccessDenied else."""
        if not policies.can_see_instance(self.actor, self.instance) and not any(
            self.actor.person_id in {row.person_id, row.delegate_id} for row in self.seats(item)
        ):
            raise NotFound("没有找到该事项")
        self._refuse_barred(item)
        active = self.active_seats(item)
        if any(self.actor.person_id in {row.signed_by, row.person_id} for row in active):
            raise Conflict("您已经办理过该事项，或尚未轮到您", remedy="请等待其他签署人")
        same_side = self.actor.organisation_id == item.organisation_id and self.actor.has_role(*item.roles)
        if same_side and len(active) >= item.seats:
            raise Conflict("该事项已被他人认领或处理", remedy="请刷新待办列表")

    # -- seats -----------------------------------------------------------------------------------------------------

    def take_seat(self, item: WorkItem, person_id: int, *, is_named: bool = False) -> SignOff:
        """Seat a person; the row is written with the rest."""
        rows = self.seats(item)
        state = SeatState.OPEN
        if item.sign_off == "IN_TURN" and any(row.state in {SeatState.OPEN, SeatState.WAITING} for row in rows):
            state = SeatState.WAITING
        position = max((row.position for row in rows), default=0) + 1
        seat = SignOff(item=item, position=position, person_id=person_id, state=state, is_named=is_named)
        rows.append(seat)
        return seat

    def mark(self, seat: SignOff) -> None:
        """Have a changed seat written; a new one is written anyway."""
        if not seat.is_new:
            self.touched_seats.add(seat.pk)

    # -- moving ----------------------------------------------------------------------------------------------------

    def perform(self, node: Node) -> None:
        """Do what the engine meets between steps: a decision table or a bound operation."""
        services.perform(self, node)

    def complete(self, activation: int) -> None:
        """Leave a step and follow the tokens."""
        self.follow(engine.complete(self.definition.model, self.state, activation, self.variables, self.perform))

    def return_to(self, target: int) -> None:
        self.follow(engine.return_to(self.definition.model, self.state, target, self.variables, self.perform))

    def follow(self, effects: list[Effect]) -> None:
        """Turn what the engine did into rows; steps with nobody to sign are passed at once."""
        for effect in effects:
            self._follow_one(effect)
        while self.skips:
            activation = self.skips.pop(0)
            visited = self.state.activations.get(activation)
            if visited is not None and visited.status is Status.LIVE:
                services.decided(self, visited.node)
                self.complete(activation)

    def _follow_one(self, effect: Effect) -> None:
        if effect.happening is Happening.ENDED:
            instance = self.instance
            instance.state, instance.ended_at = InstanceState.COMPLETED, self.now
            self.note(EventKind.ENDED)
            self.told.append(
                InstanceEnded(instance.uuid, instance.case_uuid, instance.process_key, terminated=self.is_aborted)
            )
            return
        node = self.node(effect.node)
        if effect.happening in {Happening.OPENED, Happening.REOPENED}:
            if node.kind is Kind.STEP:
                openings.open_item(self, node, effect.activation)
            self.clocks.open_timers(self.definition.model, node, effect.activation)
            return
        self.clocks.close(effect.activation, node)
        if effect.happening is Happening.RETURNED:
            self.returned.append(effect.activation)
        elif effect.happening is Happening.CANCELLED and node.kind is Kind.STEP:
            self.close_item(effect.activation, ItemState.CANCELLED, EventKind.CANCELLED)
        elif effect.happening is Happening.TIMED_OUT and node.kind is Kind.STEP:
            self.close_item(effect.activation, ItemState.TIMED_OUT, EventKind.TIMED_OUT)

    def close_item(
        self, activation: int, state: ItemState, act: EventKind, outcome: str = "", opinion: str = ""
    ) -> None:
        """Close an open item with its seats, and say so."""
        item = self.items.pop(activation, None)
        if item is None:
            return
        item.state, item.outcome, item.closed_at = state, outcome, self.now
        for row in self.sign_offs.get(activation, ()):
            if row.state in {SeatState.OPEN, SeatState.WAITING}:
                row.state = SeatState.CANCELLED
                self.mark(row)
        if item in self.opened:
            self.opened.remove(item)
        else:
            self.closed.append(item)
        self.note(act, item, opinion, outcome=outcome)
        if act is EventKind.CANCELLED:
            self.tell(StepCancelled, item)
        else:
            self.tell(StepCompleted, item, outcome=outcome, timed_out=state is ItemState.TIMED_OUT)

    # -- telling ---------------------------------------------------------------------------------------------------

    def note(self, act: EventKind, item: WorkItem | None = None, opinion: str = "", **content: Any) -> None:
        """Append a line to the process event log."""
        self.log.append(
            ProcessEvent(
                instance_id=self.instance.pk, case_uuid=self.instance.case_uuid, at=self.now, act=act,
                step=item.step if item else "", activation=item.activation if item else 0,
                lane=item.lane if item else "", person_id=self.actor.person_id,
                organisation_id=self.actor.organisation_id, actor_label=self.actor.label, opinion=opinion,
                content={key: value for key, value in content.items() if value not in ("", None)},
            )
        )  # fmt: skip

    def tell(self, kind: type[StepEvent], item: WorkItem, persons: Iterable[int] = (), **more: Any) -> None:
        """Publish an event about an item after everything is written."""
        deadline = self.clocks.of_item(item)
        self.told.append(
            kind(
                instance_uuid=self.instance.uuid, case_uuid=self.instance.case_uuid,
                process_key=self.instance.process_key, item_uuid=item.uuid, step=item.step,
                name=self.node(item.step).name, lane=item.lane, organisation_id=item.organisation_id,
                roles=tuple(item.roles), due_at=deadline.due_at if deadline else None,
                person_ids=tuple(persons) or tuple(row.person_id for row in self.active_seats(item)), **more,
            )
        )  # fmt: skip

    # -- writing ---------------------------------------------------------------------------------------------------

    def save(self, act: ProcessesAct, subject: str, **content: Any) -> None:
        """Write all that was gathered, one audit row, and publish. The revision catches a change from within."""
        writing.write(self)
        audit_operations.record(self.actor, act, subject, **content)
        for event in self.told:
            events.publish(event)
