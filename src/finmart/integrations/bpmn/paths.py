"""Graph questions about a model: what can be reached, what ends, what an inclusive join has to wait for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from finmart.integrations.bpmn.extensions import Faults
from finmart.integrations.bpmn.model import Kind, Model, Node

_NEEDS_ONE_WAY_OUT = frozenset({Kind.START, Kind.BOUNDARY})
_MAY_CARRY_CONDITIONS = frozenset({Kind.EXCLUSIVE, Kind.INCLUSIVE})


def check(model: Model, faults: Faults) -> None:
    """Add a sentence for everything that would make a case get stuck or lost."""
    forward = {node.id: _next(model, node) for node in model.nodes.values()}
    alive = _closure(forward, [model.start_of[""]])
    backward: dict[str, list[str]] = defaultdict(list)
    for source, targets in forward.items():
        for target in targets:
            backward[target].append(source)
    ending = _closure(backward, [n.id for n in model.nodes.values() if n.kind is Kind.END])
    for node in model.nodes.values():
        if node.kind is Kind.SCOPE_END:
            continue
        for sentence in _faults_of(model, node):
            _say(faults, node, sentence)
        if node.id not in alive:
            _say(faults, node, "从开始事件无法到达")
        elif node.id not in ending:
            _say(faults, node, "从这里无法到达任何结束事件")
        elif model.lanes and node.kind is Kind.STEP and not node.lane:
            _say(faults, node, "步骤不属于任何泳道")


def _say(faults: Faults, node: Node, sentence: str) -> None:
    faults.append(f"第 {node.line} 行 {node.id}：{sentence}")


def _next(model: Model, node: Node) -> list[str]:
    targets = [model.flows[flow].target for flow in node.outgoing] + list(node.boundaries)
    if node.kind is Kind.SUB_PROCESS:
        targets += [model.start_of[node.id]]
    return targets


def _closure(edges: Mapping[str, list[str]], start: Iterable[str]) -> set[str]:
    seen, waiting = set(start), list(start)
    while waiting:
        for target in edges.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def _faults_of(model: Model, node: Node) -> Iterable[str]:
    if node.kind is Kind.END and node.outgoing:
        yield "结束事件不能有出线"
    if node.kind is not Kind.END and not node.outgoing:
        yield "没有出线"
    if node.kind in {Kind.START, Kind.BOUNDARY} and node.incoming:
        yield "该事件不能有入线"
    if node.kind in _NEEDS_ONE_WAY_OUT and len(node.outgoing) > 1:
        yield "该事件只能有一条出线"
    yield from _gateway_faults(model, node)
    if node.kind is Kind.BOUNDARY:
        host = model.nodes.get(node.attached_to)
        if host is None or host.kind not in {Kind.STEP, Kind.SUB_PROCESS} or host.scope != node.scope:
            yield "边界事件应附着在同一层的步骤或子流程上"
    if node.step:
        steps = {step.id for step in model.steps()}
        yield from (f"notSameAs 所指的步骤 {name} 不存在" for name in node.step.not_same_as if name not in steps)


def _gateway_faults(model: Model, node: Node) -> Iterable[str]:
    conditions = [flow for flow in node.outgoing if model.flows[flow].condition]
    if node.kind not in _MAY_CARRY_CONDITIONS:
        if conditions:
            yield f"只有排他或包容网关的出线可以带条件：{conditions[0]}"
        if len(node.outgoing) > 1 and node.kind is not Kind.PARALLEL:
            yield "有多条出线，请用网关表示分支"
        if node.default:
            yield "只有排他或包容网关可以有默认出线"
        return
    if node.default and node.default not in node.outgoing:
        yield f"默认出线 {node.default} 不从这里出发"
    bare = [flow for flow in node.outgoing if not model.flows[flow].condition and flow != node.default]
    if len(node.outgoing) > 1 and bare:
        yield f"出线 {bare[0]} 既无条件也不是默认出线"


def upstream_of_inclusive(model: Model) -> dict[str, frozenset[str]]:
    """Return, for each flow into an inclusive join, the nodes from which a token may still come along it."""
    found = {}
    for node in model.nodes.values():
        if node.kind is not Kind.INCLUSIVE or len(node.incoming) < 2:
            continue
        backward: dict[str, list[str]] = defaultdict(list)
        for other in model.nodes.values():
            if other.id != node.id and other.kind is not Kind.SCOPE_END:
                for target in [model.flows[flow].target for flow in other.outgoing] + list(other.boundaries):
                    backward[target].append(other.id)
        for flow in node.incoming:
            found[flow] = frozenset(_closure(backward, [model.flows[flow].source]) - {node.id})
    return found
