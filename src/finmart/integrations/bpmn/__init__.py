"""BPMN and DMN: reading, checking, running. See the README of this package."""

from finmart.integrations.bpmn.decisions import DecisionTable, read_decisions
from finmart.integrations.bpmn.expressions import UnableToDecide, UnableToRead
from finmart.integrations.bpmn.extensions import Faults
from finmart.integrations.bpmn.model import Model
from finmart.integrations.bpmn.reader import draft, read

__all__ = [
    "DecisionTable",
    "Model",
    "UnableToDecide",
    "UnableToRead",
    "read",
    "read_decisions",
    "validate",
]


def validate(xml: str | bytes, decisions: str | bytes = "") -> list[str]:
    """Return what is wrong with a model, in Chinese with element id and line; empty when it may run."""
    try:
        model, faults = draft(xml)
        if model is not None and not faults:
            _check_decisions(model, decisions, faults)
    except UnableToRead as error:
        return [error.message]
    return list(faults)


def _check_decisions(model: Model, decisions: str | bytes, faults: Faults) -> None:
    known = read_decisions(decisions) if decisions else {}
    for node in model.nodes.values():
        if node.decision and node.decision not in known:
            faults.append(f"第 {node.line} 行 {node.id}：没有名为 {node.decision} 的决策表")
