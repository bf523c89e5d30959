"""BPMN 2.0 XML → :class:`Model`. Everything wrong is collected with element id and line, then refused at once."""

from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lxml import etree

from finmart.integrations.bpmn import extensions, paths
from finmart.integrations.bpmn.documents import BPMN, line_of, local_name, namespace, root_of, text_of
from finmart.integrations.bpmn.expressions import UnableToRead, compile_expression
from finmart.integrations.bpmn.extensions import Faults
from finmart.integrations.bpmn.model import Flow, Kind, Lane, Model, Node, scope_end_of

_KINDS = {
    "startEvent": Kind.START,
    "endEvent": Kind.END,
    "userTask": Kind.STEP,
    "manualTask": Kind.STEP,
    "serviceTask": Kind.SERVICE,
    "sendTask": Kind.SERVICE,
    "businessRuleTask": Kind.DECISION,
    "exclusiveGateway": Kind.EXCLUSIVE,
    "parallelGateway": Kind.PARALLEL,
    "inclusiveGateway": Kind.INCLUSIVE,
    "intermediateCatchEvent": Kind.WAIT,
    "boundaryEvent": Kind.BOUNDARY,
    "subProcess": Kind.SUB_PROCESS,
}
_IGNORED = frozenset({
    "association", "dataInputAssociation", "dataObject", "dataObjectReference", "dataOutputAssociation",
    "dataStoreReference", "documentation", "extensionElements", "group", "incoming", "ioSpecification", "laneSet",
    "outgoing", "property", "sequenceFlow", "textAnnotation",
})  # fmt: skip
_MARKERS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


@dataclass(slots=True)
class _Draft:
    faults: Faults = field(default_factory=Faults)
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    lane_of: dict[str, str] = field(default_factory=dict)
    start_of: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def claim(self, element: etree._Element) -> str:
        """Return the element's id; a missing or repeated one is a fault."""
        identity = element.get("id", "")
        if not identity or identity in self.lines or "/" in identity:
            self.faults.at(element, f"{local_name(element)} 的 id 缺失、重复或含“/”")
        self.lines[identity] = line_of(element)
        return identity


def read(xml: str | bytes) -> Model:
    """Return the compiled model. Raises UnableToRead with at most five sentences, each with its line."""
    model, faults = draft(xml)
    if faults or model is None:
        raise UnableToRead("；".join(faults[:5]), field="xml", remedy="请修改流程模型后重新部署")
    return model


def draft(xml: str | bytes) -> tuple[Model | None, Faults]:
    """Return the model (None where it could not be put together) and everything wrong with it."""
    root = root_of(xml)
    made = _Draft()
    if local_name(root) != "definitions" or namespace(root) != BPMN:
        made.faults.at(root, "根元素不是 BPMN 2.0 的 definitions")
        return None, made.faults
    processes = [p for p in root.findall(f"{{{BPMN}}}process") if p.get("isExecutable", "true") == "true"]
    if len(processes) != 1:
        made.faults.at(root, f"文件应有且只有一个可执行流程，现有 {len(processes)} 个")
        return None, made.faults
    process = processes[0]
    identity = made.claim(process)
    _read_lanes(made, process)
    _read_scope(made, process, "")
    _connect(made)
    head = extensions.one(process, "process", made.faults)
    model = Model(
        id=identity,
        name=process.get("name", ""),
        clause=head.get("clause", "") if head is not None else "",
        nodes=MappingProxyType(made.nodes),
        flows=MappingProxyType(made.flows),
        lanes=MappingProxyType(made.lanes),
        start_of=MappingProxyType(made.start_of),
    )
    if not made.faults:
        paths.check(model, made.faults)
    return replace(model, upstream=MappingProxyType(paths.upstream_of_inclusive(model))), made.faults


def _read_lanes(made: _Draft, process: etree._Element) -> None:
    for lane in process.findall(f"{{{BPMN}}}laneSet/{{{BPMN}}}lane"):
        name = lane.get("name", "")
        if not name or name in made.lanes:
            made.faults.at(lane, "泳道名称缺失或重复")
        if lane.find(f"{{{BPMN}}}childLaneSet") is not None:
            made.faults.at(lane, "不支持嵌套泳道")
        own = extensions.one(lane, "lane", made.faults)
        made.lanes[name] = Lane(name, tuple(own.get("roles", "").split()) if own is not None else ())
        for ref in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            target = (ref.text or "").strip()
            if target in made.lane_of:
                made.faults.at(ref, f"{target} 同时属于两个泳道")
            made.lane_of[target] = name


def _read_scope(made: _Draft, parent: etree._Element, scope: str) -> None:
    for element in parent:
        name = local_name(element)
        if namespace(element) != BPMN or name in _IGNORED:
            continue
        if name in _MARKERS:
            made.faults.at(element, "不支持循环或多实例标记，请用会签或回路表示")
        elif name not in _KINDS:
            made.faults.at(element, f"不支持的元素 {name}")
        else:
            _read_node(made, element, _KINDS[name], scope)
    for element in parent.findall(f"{{{BPMN}}}sequenceFlow"):
        _read_flow(made, element)
    end = scope_end_of(scope)
    made.nodes[end] = Node(id=end, name="", kind=Kind.SCOPE_END, scope=_outer(made, scope), lane="")
    if scope not in made.start_of:
        made.faults.at(parent, "缺少开始事件")


def _outer(made: _Draft, scope: str) -> str:
    return made.nodes[scope].scope if scope else ""


def _read_node(made: _Draft, element: etree._Element, kind: Kind, scope: str) -> None:
    identity, faults = made.claim(element), made.faults
    lane = made.lane_of.get(identity) or (made.nodes[scope].lane if scope else "")
    node = Node(
        id=identity, name=element.get("name", ""), kind=kind, scope=scope, lane=lane, line=line_of(element),
        default=element.get("default", ""),
    )  # fmt: skip
    for marker in _MARKERS:
        if element.find(f"{{{BPMN}}}{marker}") is not None:
            faults.at(element, "不支持循环或多实例标记，请用会签或回路表示")
    if kind is Kind.STEP:
        if not identity.isidentifier() or not identity.isascii():
            faults.at(element, "步骤的 id 应由字母、数字和下划线组成，且不以数字开头")
        node = replace(node, step=extensions.step(element, faults))
    elif kind is Kind.DECISION:
        own = extensions.one(element, "decision", faults)
        node = replace(node, decision=own.get("ref", "") if own is not None else "")
        if not node.decision:
            faults.at(element, "业务规则任务缺少 finmart:decision 的 ref")
    else:
        node = _read_event(made, element, node)
    made.nodes[identity] = node
    if kind is Kind.SUB_PROCESS:
        if element.get("triggeredByEvent") == "true":
            faults.at(element, "不支持事件子流程")
        _read_scope(made, element, identity)


def _read_event(made: _Draft, element: etree._Element, node: Node) -> Node:
    definitions = {local_name(c) for c in element if local_name(c).endswith("EventDefinition")}
    allowed = {
        Kind.WAIT: {"timerEventDefinition"},
        Kind.BOUNDARY: {"timerEventDefinition"},
        Kind.END: {"terminateEventDefinition"},
    }
    if definitions - allowed.get(node.kind, set()):
        made.faults.at(element, f"不支持的事件定义 {'、'.join(sorted(definitions))}")
    if node.kind is Kind.START:
        if node.scope in made.start_of:
            made.faults.at(element, "同一层只能有一个开始事件")
        made.start_of[node.scope] = node.id
    if node.kind in {Kind.WAIT, Kind.BOUNDARY}:
        node = replace(node, timer=extensions.timer(element, made.faults))
    if node.kind is Kind.BOUNDARY:
        interrupting = element.get("cancelActivity", "true") != "false"
        return replace(node, attached_to=element.get("attachedToRef", ""), interrupting=interrupting)
    return replace(node, terminates=node.kind is Kind.END and bool(definitions))


def _read_flow(made: _Draft, element: etree._Element) -> None:
    identity = made.claim(element)
    text, condition = text_of(element, "conditionExpression"), None
    if text:
        try:
            condition = compile_expression(text.removeprefix("${").removesuffix("}") if text[:2] == "${" else text)
        except UnableToRead as error:
            made.faults.at(element, error.message)
    source, target = element.get("sourceRef", ""), element.get("targetRef", "")
    made.flows[identity] = Flow(identity, source, target, condition)


def _connect(made: _Draft) -> None:
    """Give every node its flows, and the boundaries of a step or sub-process to their host."""
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    boundaries: dict[str, list[str]] = {}
    for flow in made.flows.values():
        line = made.lines.get(flow.id, 0)
        source, target = made.nodes.get(flow.source), made.nodes.get(flow.target)
        if source is None or target is None:
            made.faults.append(f"第 {line} 行 {flow.id}：连线的起点或终点不存在")
        elif source.scope != target.scope:
            made.faults.append(f"第 {line} 行 {flow.id}：连线不能穿过子流程的边界")
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    for node in made.nodes.values():
        if node.kind is Kind.BOUNDARY:
            boundaries.setdefault(node.attached_to, []).append(node.id)
    for identity, node in list(made.nodes.items()):
        made.nodes[identity] = replace(
            node,
            incoming=tuple(incoming.get(identity, ())),
            outgoing=tuple(outgoing.get(identity, ())),
            boundaries=tuple(boundaries.get(identity, ())),
        )
    for identity, node in list(made.nodes.items()):
        if node.kind is Kind.SUB_PROCESS:
            end = scope_end_of(identity)
            made.nodes[end] = replace(made.nodes[end], outgoing=node.outgoing)
