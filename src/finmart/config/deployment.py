"""The journeys' process models, brought into the database whenever it is migrated."""

from pathlib import Path

from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes.types import DefinitionRef
from finmart.desks.items import registry
from finmart.integrations import bpmn
from finmart.integrations.bpmn.model import Kind
from finmart.kit import transactions
from finmart.kit.actor import Actor

JOURNEYS = Path(__file__).resolve().parents[1] / "journeys"
DEPLOYER = Actor.of_system("平台升级")


def models() -> list[Path]:
    """Return every journey's process model."""
    return sorted(JOURNEYS.glob("*/*/process.bpmn"))


def decisions_of(model: Path) -> str:
    """Return the decision tables beside a model, empty where there are none."""
    tables = model.with_name("decisions.dmn")
    return tables.read_text(encoding="utf-8") if tables.exists() else ""


def deploy() -> list[DefinitionRef]:
    """Deploy all models; a journey's folder is its process key. Raises UnableToDeploy naming every fault."""
    with transactions.opened():
        return [
            processes_operations.deploy(
                DEPLOYER, model.parent.name, model.read_text(encoding="utf-8"), decisions_of(model)
            )
            for model in models()
        ]


def faults() -> list[str]:
    """Return what is wrong with the journeys: models, forms nobody registered, tasks nobody bound, unknown roles."""
    return [f"{model.parent.name}: {fault}" for model in models() for fault in _faults_of(model)]


def _faults_of(file: Path) -> list[str]:
    xml = file.read_text(encoding="utf-8")
    found = bpmn.validate(xml, decisions_of(file))
    if found:
        return found
    model, bound = bpmn.read(xml), processes_operations.bound(file.parent.name)
    roles = {str(role) for role in Role}
    found += [
        f"第 {node.line} 行 {node.id}：没有绑定处理程序"
        for node in model.nodes.values()
        if node.kind is Kind.SERVICE and node.id not in bound
    ]
    found += [f"{task}：绑定了模型中没有的任务" for task in sorted(bound) if task not in model.nodes]
    for node in model.steps():
        step = node.step
        if step is None:
            continue
        where = f"第 {node.line} 行 {node.id}"
        lane = model.lanes.get(node.lane)
        named = set(step.roles or (lane.roles if lane else ()))
        if step.form and step.form not in registry.form_keys():
            found.append(f"{where}：没有名为 {step.form} 的表单")
        if not named or not named <= roles:
            found.append(f"{where}：角色 {sorted(named)} 不存在或没有指定")
        if not step.clause:
            found.append(f"{where}：没有写明条款")
    return found
