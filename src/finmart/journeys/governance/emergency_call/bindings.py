"""What an institution's answer does."""

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.governance.emergencies import operations as emergencies_operations
from finmart.centres.governance.emergencies.types import Answer
from finmart.centres.technical.processes.types import Binding, StepContext
from finmart.kit.actor import Actor

PROCESS = "emergency_call"
PROCESS_ACTOR = Actor.of_system(PROCESS)


def note_answer(context: StepContext) -> None:
    known = context.variables
    emergencies_operations.answer_call(
        PROCESS_ACTOR, context.case_uuid, Answer(known["answer_outcome"]), str(known.get("measures", ""))
    )
    cases_operations.close(PROCESS_ACTOR, context.case_uuid, reason="机构已反馈")
    cases_operations.archive(PROCESS_ACTOR, context.case_uuid)


BINDINGS: dict[str, Binding] = {"note_answer": note_answer}
