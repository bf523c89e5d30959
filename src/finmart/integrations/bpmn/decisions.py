"""DMN decision tables: hit policies UNIQUE, FIRST and COLLECT, and the unary tests business people write.

A cell may be ``-`` (anything), a literal, a list of literals, a comparison (``>= 100``), an interval (``[1..5)``) or
``not(…)``. Nothing else is read, so nothing else can run. A missing input meets only ``-`` and ``null``.
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from finmart.integrations.bpmn.documents import line_of, local_name, root_of
from finmart.integrations.bpmn.expressions import Expression, UnableToDecide, UnableToRead, compile_expression

Test = Callable[[Any], bool]
_POLICIES = ("COLLECT", "FIRST", "UNIQUE")
_INTERVAL = re.compile(r"^([\[\(\]])\s*(\S+?)\s*\.\.\s*(\S+?)\s*([\]\)\[])$")
_COMPARISON = re.compile(r"^(<=|>=|<|>|!=|=)\s*(.+)$")
_NOT = re.compile(r"^not\s*\((.*)\)$", re.DOTALL)
_ITEMS = re.compile(r'"[^"]*"|[^,"]+')
_ACTS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a test for every input, a value for every output."""

    id: str
    tests: tuple[Test, ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision. ``policy`` is UNIQUE (at most one row may match), FIRST, or COLLECT (lists of values).

    ``labels`` are the outputs' as people read them.
    """

    id: str
    name: str
    policy: str
    inputs: tuple[Expression, ...]
    outputs: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[Row, ...]

    def told(self, decided: Mapping[str, Any]) -> str:
        """Return what was decided as people read it: the table's name, then each output with its label."""
        words = zip(self.labels, decided.values(), strict=True)
        return f"{self.name}：{'、'.join(f'{label} {value}' for label, value in words)}"

    def seen(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return expression → the value the table looks at."""
        return {entry.text: entry.value(variables) for entry in self.inputs}

    def decide(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return output name → value. Raises UnableToDecide where no row or, for UNIQUE, more than one matches."""
        values = [entry.value(variables) for entry in self.inputs]
        matching = [row for row in self.rows if all(test(v) for test, v in zip(row.tests, values, strict=True))]
        if self.policy == "COLLECT":
            return {name: [row.outputs[place] for row in matching] for place, name in enumerate(self.outputs)}
        seen = "、".join(f"{e.text}={v}" for e, v in zip(self.inputs, values, strict=True))
        if not matching:
            raise UnableToDecide(f"决策表“{self.name}”没有适用的规则（{seen}）", remedy="请补充规则或核对数据")
        if self.policy == "UNIQUE" and len(matching) > 1:
            raise UnableToDecide(f"决策表“{self.name}”有 {len(matching)} 条规则同时适用（{seen}）")
        return dict(zip(self.outputs, matching[0].outputs, strict=True))


def read_decisions(xml: str | bytes) -> dict[str, DecisionTable]:
    """Return decision id → table of a DMN 1.x file. Raises UnableToRead with the line."""
    root = root_of(xml)
    if local_name(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        raise UnableToRead("根元素不是 DMN 的 definitions（第 1 行）", field="decisions")
    found = {}
    for decision in _children(root, "decision"):
        for table in _children(decision, "decisionTable"):
            identity = decision.get("id", "")
            if not identity or identity in found:
                raise _fault(decision, "决策的 id 缺失或重复")
            found[identity] = _table(decision, table)
    return found


def _table(decision: etree._Element, table: etree._Element) -> DecisionTable:
    policy = table.get("hitPolicy", "UNIQUE")
    if policy not in _POLICIES or table.get("aggregation"):
        raise _fault(table, f"命中策略 {policy} 不受支持，只支持 {'、'.join(_POLICIES)}")
    try:
        inputs = tuple(
            compile_expression(_text(_children(entry, "inputExpression")[0])) for entry in _children(table, "input")
        )
    except (IndexError, UnableToRead) as error:
        raise _fault(table, "输入列缺少合法的表达式") from error
    outputs = tuple(entry.get("name", "") for entry in _children(table, "output"))
    if not outputs or not all(name.isidentifier() for name in outputs):
        raise _fault(table, "输出列的 name 应为变量名")
    labels = tuple(entry.get("label") or entry.get("name") or "" for entry in _children(table, "output"))
    rows = tuple(_row(rule, len(inputs), len(outputs)) for rule in _children(table, "rule"))
    if not rows:
        raise _fault(table, "决策表没有规则")
    identity = decision.get("id", "")
    return DecisionTable(identity, decision.get("name", identity), policy, inputs, outputs, labels, rows)


def _row(rule: etree._Element, inputs: int, outputs: int) -> Row:
    tests, values = _children(rule, "inputEntry"), _children(rule, "outputEntry")
    if len(tests) != inputs or len(values) != outputs:
        raise _fault(rule, "规则的列数与表头不符")
    try:
        return Row(rule.get("id", ""), tuple(_test(_text(t)) for t in tests), tuple(_literal(_text(v)) for v in values))
    except ValueError as error:
        raise _fault(rule, f"单元格“{str(error)[:60]}”无法理解") from error


def _test(text: str) -> Test:
    if text in {"", "-"}:
        return lambda _: True
    inverted = _NOT.match(text)
    if inverted:
        inner = _test(inverted.group(1).strip())
        return lambda value: value is not None and not inner(value)
    between = _INTERVAL.match(text)
    if between:
        return _interval(*between.groups())
    compared = _COMPARISON.match(text)
    if compared:
        return _compared(compared.group(1), _literal(compared.group(2)))
    wanted = [_literal(item.strip()) for item in _ITEMS.findall(text)]
    return lambda value: any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in wanted)


def _compared(sign: str, bound: object) -> Test:
    act = _ACTS[sign]
    if sign in {"=", "!="}:
        return lambda value: bool(act(value, bound))
    return lambda value: _comparable(value, bound) and bool(act(value, bound))


def _interval(opening: str, low: str, high: str, closing: str) -> Test:
    above = _compared(">=" if opening == "[" else ">", _literal(low))
    below = _compared("<=" if closing == "]" else "<", _literal(high))
    return lambda value: above(value) and below(value)


def _comparable(value: object, bound: object) -> bool:
    numbers = isinstance(value, int | float) and isinstance(bound, int | float) and not isinstance(value, bool)
    return numbers or (isinstance(value, str) and isinstance(bound, str))


def _literal(text: str) -> Any:
    """Read a JSON literal. Raises ValueError (JSONDecodeError) whose text is the cell."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(text) from error


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element if local_name(child) == name]


def _text(element: etree._Element) -> str:
    found = _children(element, "text")
    return (found[0].text or "").strip() if found else ""


def _fault(element: etree._Element, sentence: str) -> UnableToRead:
    return UnableToRead(f"第 {line_of(element)} 行 {element.get('id', '')}：{sentence}", field="decisions")
