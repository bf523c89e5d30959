"""What the steps of an appeal do in the centres; one function per task of process.bpmn, named as the task."""

from uuid import UUID

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.governance.feedback import operations as feedback_operations
from finmart.centres.technical.processes.types import Binding, StepContext
from finmart.kit.actor import Actor

PROCESS_ACTOR = Actor.of_system("appeal")
CLOSINGS = {"ACCEPT": "申诉已采纳", "REJECT": "申诉未采纳，原决定维持"}


def decide(context: StepContext) -> None:
    """Record the finding as the person at the step."""
    accepts = context.variables["decide_outcome"] == "ACCEPT"
    find = feedback_operations.accept_appeal if accepts else feedback_operations.reject_appeal
    find(context.actor, UUID(context.variables["appeal_uuid"]), reason=str(context.variables.get("finding_reason", "")))


def conclude(context: StepContext) -> None:
    cases_operations.close(PROCESS_ACTOR, context.case_uuid, reason=CLOSINGS[str(context.variables["decide_outcome"])])


BINDINGS: dict[str, Binding] = {"decide": decide, "conclude": conclude}
