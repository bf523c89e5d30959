"""What the steps of an emergency do in the centres. One function per task of process.bpmn, named as the task."""

from collections.abc import Mapping
from typing import Any

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.governance.emergencies import operations as emergencies_operations
from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.emergencies.types import Level, LevelTerms
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes.types import Binding, LaneHolder, StepContext
from finmart.journeys.governance.emergency import report
from finmart.journeys.governance.emergency.start import PROCESS, deadlines_of
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

PROCESS_ACTOR = Actor.of_system(PROCESS)
CALL_PROCESS, CALL_LANE = "emergency_call", "协同机构"  # a journey of its own; they meet by its key


def assess(context: StepContext) -> Mapping[str, Any] | None:
    """Confirm the level, by somebody who may command it; its deadlines count from here on."""
    if context.variables["assess_outcome"] != "CONFIRM":
        return None
    level = Level(context.variables["level"])
    terms = emergencies_queries.terms_of_case(PROCESS_ACTOR, context.case_uuid, level)
    _require_commander(context, terms)
    emergencies_operations.assess(context.actor, context.case_uuid, level)
    return deadlines_of(terms)


def stand_down(context: StepContext) -> None:
    emergencies_operations.stand_down(PROCESS_ACTOR, context.case_uuid, context.variables["false_reason"])
    _put_away(context, "核实后解除")


def respond(context: StepContext) -> Mapping[str, Any]:
    """Call whom the level calls: institutions by a process each, the regulator by the step that follows."""
    called = emergencies_operations.call(PROCESS_ACTOR, context.case_uuid, context.variables["institutions"])
    found = emergencies_queries.emergency_of_case_for(PROCESS_ACTOR, context.case_uuid)
    terms = found.plan.terms(found.row.level)
    for organisation_id, case_uuid in called:
        processes_operations.start(
            PROCESS_ACTOR,
            CALL_PROCESS,
            case_uuid=case_uuid,
            variables={"deadline_answer": terms.answer_hours},
            lanes={CALL_LANE: LaneHolder(organisation_id=organisation_id)},
        )
    return {"regulator_called": found.has_regulator and terms.calls_regulator}


def contain(context: StepContext) -> None:
    emergencies_operations.require_steps(context.actor, context.case_uuid)


def recover(context: StepContext) -> None:
    """Only who may command says that it is over."""
    _require_commander(context, emergencies_queries.terms_of_case(PROCESS_ACTOR, context.case_uuid))


def review(context: StepContext) -> None:
    lessons = str(context.variables.get("lessons", "")).splitlines()
    emergencies_operations.note_improvements(context.actor, context.case_uuid, lessons)


def close_out(context: StepContext) -> None:
    known = context.variables
    emergencies_operations.close(
        PROCESS_ACTOR, context.case_uuid, outcome=known["review_result"], cause=known["review_cause"]
    )
    content = report.paper(context)
    emergencies_operations.file_report(PROCESS_ACTOR, context.case_uuid, content)
    _put_away(context, "复盘完成")


def _put_away(context: StepContext, reason: str) -> None:
    cases_operations.close(PROCESS_ACTOR, context.case_uuid, reason=reason)
    cases_operations.archive(PROCESS_ACTOR, context.case_uuid)


def _require_commander(context: StepContext, terms: LevelTerms) -> None:
    if not context.actor.has_role(terms.commander_role, Role.OPERATOR_ADMINISTRATOR):
        raise AccessDenied(
            f"{terms.level.label}须由{Role(terms.commander_role).label}指挥", remedy="请转办给有权指挥的人员"
        )


BINDINGS: dict[str, Binding] = {
    "assess": assess,
    "close_out": close_out,
    "contain": contain,
    "recover": recover,
    "respond": respond,
    "review": review,
    "stand_down": stand_down,
}
