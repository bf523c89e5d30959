"""The token engine: pure moves over a :class:`State`, no person, no database, no clock.

Every function changes the state it is given and returns what happened, in order. A refusal (a condition that cannot
be decided, a loop that never waits) leaves the state half-way: throw it away, as the transaction around it does.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from finmart.integrations.bpmn.expressions import UnableToDecide
from finmart.integrations.bpmn.model import Kind, Model, Node, scope_end_of
from finmart.integrations.bpmn.state import Activation, State, Status, Token
from finmart.kit.errors import Conflict, Refusal

LONGEST_RUN = 5_000
Perform = Callable[[Node], None]


class Happening(StrEnum):
    """OPENED and REOPENED wait; CANCELLED was open and is not; RETURNED was done and counts no more."""

    CANCELLED = "CANCELLED"
    DONE = "DONE"
    ENDED = "ENDED"
    OPENED = "OPENED"
    REOPENED = "REOPENED"
    RETURNED = "RETURNED"
    TIMED_OUT = "TIMED_OUT"


@dataclass(frozen=True, slots=True)
class Effect:
    """What happened to one activation of an element that waits (step, timer, sub-process), or the end of all."""

    happening: Happening
    activation: int = 0
    node: str = ""


class UnableToAdvance(Refusal):
    """The model cannot go on from here: a mistake in the model, found while running."""

    code = "UNABLE_TO_ADVANCE"


class UnableToReturn(Refusal):
    """The step cannot be the target of a return from here."""

    code = "UNABLE_TO_RETURN"


def start(model: Model, variables: Mapping[str, Any], perform: Perform) -> tuple[State, list[Effect]]:
    """Put the first token on the start event and run until everything waits."""
    run = _Run(model, State(), variables, perform)
    run.enter(model.start_of[""], 0, (0,), ("",))
    return run.state, run.settle()


def complete(
    model: Model, state: State, activation: int, variables: Mapping[str, Any], perform: Perform
) -> list[Effect]:
    """Leave an open step (or a timer that is due). Raises Conflict where it is not open any more."""
    run = _Run(model, state, variables, perform)
    visited = run.open_activation(activation)
    if model.nodes[visited.node].kind is Kind.SUB_PROCESS:
        raise Conflict("子流程由其中的步骤完成")
    run.close(visited, Status.DONE, Happening.DONE)
    run.leave(visited)
    return run.settle()


def fire_boundary(
    model: Model, state: State, activation: int, boundary: str, variables: Mapping[str, Any], perform: Perform
) -> list[Effect]:
    """Let a boundary timer of an open step or sub-process go off. Raises Conflict where its host is not open."""
    run = _Run(model, state, variables, perform)
    host, event = run.open_activation(activation), model.nodes[boundary]
    if any(each.node == boundary and host.id in each.sources for each in state.activations.values()):
        raise Conflict("该定时事件已经触发过")
    if event.interrupting:
        run.drop_scope(host.id)
        run.close(host, Status.TIMED_OUT, Happening.TIMED_OUT)
    run.enter(boundary, host.scope, (host.id,), ("",))
    return run.settle()


def return_to(model: Model, state: State, target: int, variables: Mapping[str, Any], perform: Perform) -> list[Effect]:
    """Take back all that descends from the finished step ``target`` and open it anew. See this package's README.

    Raises UnableToReturn where ``target`` is no finished step, or lies in a sub-process that was broken off.
    """
    run = _Run(model, state, variables, perform)
    run.take_back(target)
    return run.settle()


def abort(model: Model, state: State) -> list[Effect]:
    """Cancel all that is open and end."""
    run = _Run(model, state, {}, lambda _: None)
    for visited in list(state.live()):
        run.close(visited, Status.KILLED, Happening.CANCELLED)
    state.waiting.clear()
    state.ended = True
    run.note(Happening.ENDED)
    return run.effects


def earlier_steps(model: Model, state: State, activation: int) -> list[Activation]:
    """Return the finished steps this one descends from, latest first, each element once: the targets of a return."""
    found: dict[str, Activation] = {}
    for identity in sorted(state.ancestors(activation), reverse=True):
        visited = state.activations[identity]
        node = model.nodes[visited.node]
        if node.step and node.step.returnable and visited.status is Status.DONE:
            found.setdefault(visited.node, visited)
    return list(found.values())


@dataclass(slots=True)
class _Run:
    model: Model
    state: State
    variables: Mapping[str, Any]
    perform: Perform
    effects: list[Effect] = field(default_factory=list)
    moving: deque[Token] = field(default_factory=deque)
    moves: int = 0

    def note(self, happening: Happening, visited: Activation | None = None) -> None:
        self.effects.append(Effect(happening, visited.id, visited.node) if visited else Effect(happening))

    def open_activation(self, identity: int) -> Activation:
        visited = self.state.activations.get(identity)
        if visited is None or visited.status is not Status.LIVE or self.state.ended:
            raise Conflict("该步骤已经结束，请刷新后查看最新进展")
        return visited

    def close(self, visited: Activation, status: Status, happening: Happening) -> None:
        visited.status = status
        self.note(happening, visited)

    # -- forward ---------------------------------------------------------------------------------------------------

    def enter(self, node_id: str, scope: int, sources: tuple[int, ...], flows: tuple[str, ...]) -> None:
        """Visit an element: wait there, or act and go on."""
        self.moves += 1
        if self.moves > LONGEST_RUN:
            raise UnableToAdvance("流程在没有人工步骤的回路中无法停下", remedy="请检查流程模型中的回路条件")
        node, state = self.model.nodes[node_id], self.state
        visited = Activation(state.next_id, node_id, scope, sources, flows)
        state.activations[visited.id] = visited
        state.next_id += 1
        if node.kind in {Kind.STEP, Kind.WAIT, Kind.SUB_PROCESS}:
            self.close(visited, Status.LIVE, Happening.OPENED)
            if node.kind is Kind.SUB_PROCESS:
                self.enter(self.model.start_of[node_id], visited.id, (visited.id,), ("",))
        elif node.kind is Kind.END:
            self._end(node, visited)
        else:
            if node.kind in {Kind.SERVICE, Kind.DECISION}:
                self.perform(node)
            self.leave(visited)

    def leave(self, visited: Activation) -> None:
        """Put a token on every flow the element chooses."""
        node = self.model.nodes[visited.node]
        chosen = self._chosen(node) if node.kind in {Kind.EXCLUSIVE, Kind.INCLUSIVE} else node.outgoing
        for flow in chosen:
            self.moving.append(Token(self.model.flows[flow].target, flow, visited.id, visited.scope))

    def _chosen(self, node: Node) -> list[str]:
        flows = [self.model.flows[flow] for flow in node.outgoing if flow != node.default]
        only_first = node.kind is Kind.EXCLUSIVE
        chosen: list[str] = []
        for flow in flows:
            if flow.condition is None or flow.condition.value(self.variables):
                chosen.append(flow.id)
                if only_first:
                    return chosen
        if chosen:
            return chosen
        if node.default:
            return [node.default]
        raise UnableToDecide(f"“{node.name or node.id}”没有一个分支的条件成立", remedy="请核对数据或为网关设置默认分支")

    def _end(self, node: Node, visited: Activation) -> None:
        if node.terminates:
            self._kill(visited)
        scope_node = self.state.activations[visited.scope].node if visited.scope else ""
        self.state.waiting.append(Token(scope_end_of(scope_node), "", visited.id, visited.scope))

    def _kill(self, killer: Activation) -> None:
        """A terminate end: all else in its scope falls, but stays known in case the end itself is taken back."""
        state = self.state
        for visited in list(state.live()):
            if state.is_within(visited.scope, killer.scope):
                self.close(visited, Status.KILLED, Happening.CANCELLED)
                visited.killer = killer.id
        for token in [*state.waiting, *self.moving]:
            at_own_end = token.scope == killer.scope and not token.flow
            if not token.killer and not at_own_end and state.is_within(token.scope, killer.scope):
                token.killer = killer.id
        state.waiting += [token for token in self.moving if token.killer]
        self.moving = deque(token for token in self.moving if not token.killer)

    def settle(self) -> list[Effect]:
        """Move every token until all wait, let joins and ends gather, and return what happened."""
        while self._move() or self._join_inclusive() or self._end_scope():
            pass
        self._refuse_stuck()
        return self.effects

    def _move(self) -> bool:
        moved = bool(self.moving)
        while self.moving:
            token = self.moving.popleft()
            node = self.model.nodes[token.node]
            if node.kind in {Kind.PARALLEL, Kind.INCLUSIVE} and len(node.incoming) > 1:
                self.state.waiting.append(token)
                if node.kind is Kind.PARALLEL:
                    self._join_parallel(node, token.scope)
            else:
                self.enter(token.node, token.scope, (token.source,), (token.flow,))
        return moved

    def _at(self, node_id: str, scope: int) -> dict[str, list[Token]]:
        """Return the tokens waiting at a join in one scope by flow, oldest source first."""
        found: dict[str, list[Token]] = {}
        for token in sorted(self.state.waiting, key=lambda each: each.source):
            if token.node == node_id and token.scope == scope and not token.killer:
                found.setdefault(token.flow, []).append(token)
        return found

    def _pass(self, node: Node, scope: int, tokens: list[Token]) -> None:
        consumed = {id(token) for token in tokens}
        self.state.waiting = [token for token in self.state.waiting if id(token) not in consumed]
        self.enter(node.id, scope, tuple(t.source for t in tokens), tuple(t.flow for t in tokens))

    def _join_parallel(self, node: Node, scope: int) -> None:
        arrived = self._at(node.id, scope)
        if len(arrived) == len(node.incoming):
            self._pass(node, scope, [arrived[flow][0] for flow in node.incoming])

    def _join_inclusive(self) -> bool:
        """Pass an inclusive join to which no further token can come, if there is one."""
        places = {(t.node, t.scope) for t in self.state.waiting if t.flow and not t.killer}
        for node_id, scope in sorted(places):
            node = self.model.nodes[node_id]
            if node.kind is Kind.INCLUSIVE:
                arrived = self._at(node_id, scope)
                if not self._more_may_come(node, scope, arrived):
                    self._pass(node, scope, [arrived[flow][0] for flow in node.incoming if flow in arrived])
                    return True
        return False

    def _more_may_come(self, node: Node, scope: int, arrived: Mapping[str, object]) -> bool:
        upstream = self.model.upstream
        here = {each.node for each in self.state.live() if each.scope == scope}
        here |= {t.node for t in self.state.waiting if t.scope == scope and t.flow and not t.killer}
        here.discard(node.id)
        for place in here:
            reached = [flow for flow in node.incoming if place in upstream[flow]]
            if reached and not any(flow in arrived for flow in reached):
                return True
        return False

    def _end_scope(self) -> bool:
        """Complete a sub-process (or the whole) in which nothing is alive any more, innermost first."""
        state = self.state
        busy = {each.scope for each in state.live()}
        busy |= {token.scope for token in state.waiting if token.flow and not token.killer}
        gathered = {token.scope for token in state.waiting if not token.flow and not token.killer}
        for scope in sorted(gathered - busy, reverse=True):
            if not scope and state.ended:
                continue
            host = state.activations[scope] if scope else None
            end = self.model.nodes[scope_end_of(host.node if host else "")]
            tokens = self._at(end.id, scope)[""]
            if host is None:
                state.ended = True
                self.note(Happening.ENDED)
                return True
            self.close(host, Status.DONE, Happening.DONE)
            own = Token(end.id, "", host.id, host.scope)
            state.waiting = [t for t in state.waiting if t not in tokens]
            self._pass(end, host.scope, [own, *tokens])
            return True
        return False

    def _refuse_stuck(self) -> None:
        state = self.state
        if state.ended:
            return
        busy = {each.scope for each in state.live()}
        for token in state.waiting:
            if not token.killer and token.flow and token.scope not in busy:
                raise UnableToAdvance(
                    f"“{self.model.nodes[token.node].name or token.node}”等待的分支已不会到来",
                    remedy="请检查流程模型：并行分支须在同一汇合处会合",
                )

    # -- backward --------------------------------------------------------------------------------------------------

    def drop_scope(self, scope: int) -> None:
        """Remove all inside a sub-process that is interrupted; nothing outside descends from it."""
        state = self.state
        inside = [a for a in state.activations.values() if a.id != scope and state.is_within(a.scope, scope)]
        for visited in inside:
            if visited.status is Status.LIVE:
                self.note(Happening.CANCELLED, visited)
        state.waiting = [token for token in state.waiting if not state.is_within(token.scope, scope)]
        for visited in inside:
            del state.activations[visited.id]

    def take_back(self, target: int) -> None:
        state = self.state
        origin = state.activations.get(target)
        if origin is None or origin.status is not Status.DONE or self.model.nodes[origin.node].kind is not Kind.STEP:
            raise UnableToReturn("只能退回到已完成的步骤")
        if state.ended:
            raise UnableToReturn("流程已经结束，不能退回")
        gone = state.descendants(target)
        for identity in sorted(gone):
            self._report(state.activations[identity])
        kept = [token for token in state.waiting if token.source not in gone]
        state.waiting = [token for token in kept if token.killer not in gone]
        for token in kept:
            if token.killer in gone:
                token.killer = 0
                self._put_back(token)
        for identity in sorted(gone):
            self._restore_siblings(state.activations[identity], gone)
        for visited in state.activations.values():
            if visited.killer in gone and visited.id not in gone:
                visited.killer = 0
                self.close(visited, Status.LIVE, Happening.REOPENED)
        for identity in gone:
            del state.activations[identity]
        self._refuse_broken_off(origin)
        self.enter(origin.node, origin.scope, origin.sources, origin.flows)

    def _report(self, visited: Activation) -> None:
        kind = self.model.nodes[visited.node].kind
        if visited.status is Status.LIVE:
            self.note(Happening.CANCELLED, visited)
        elif kind is Kind.STEP and visited.status is not Status.KILLED:
            self.note(Happening.RETURNED, visited)

    def _put_back(self, token: Token) -> None:
        """At the end of a scope a token waits for the rest; anywhere else it arrives once more."""
        if token.flow:
            self.moving.append(token)
        else:
            self.state.waiting.append(token)

    def _restore_siblings(self, joined: Activation, gone: set[int]) -> None:
        """Put back what other branches had brought to a join, or to the end of a sub-process, that is undone."""
        arrivals = list(zip(joined.sources, joined.flows, strict=True))
        inner = joined.scope
        if self.model.nodes[joined.node].kind is Kind.SCOPE_END:
            host = self.state.activations[arrivals.pop(0)[0]]
            inner = host.id
            if host.id not in gone:
                self.close(host, Status.LIVE, Happening.REOPENED)
        for source, flow in arrivals:
            if source not in gone and len(joined.sources) > 1:
                self._put_back(Token(joined.node, flow, source, inner))

    def _refuse_broken_off(self, origin: Activation) -> None:
        scope = origin.scope
        while scope:
            host = self.state.activations.get(scope)
            if host is None or host.status is not Status.LIVE:
                raise UnableToReturn("该步骤所在的子流程已被中止，不能退回")
            scope = host.scope
