"""How an emergency or a drill begins."""

from collections.abc import Sequence
from uuid import UUID

from finmart.centres.governance.emergencies import operations as emergencies_operations
from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.emergencies.types import EmergencyRef, Level, LevelTerms
from finmart.centres.technical.processes import operations as processes_operations
from finmart.centres.technical.processes.types import LaneHolder
from finmart.kit import transactions
from finmart.kit.actor import Actor

PROCESS = "emergency"
COMMAND_LANE, REGULATOR_LANE = "指挥", "监管部门"
VERIFY_DAYS = 5  # working days; a default of ours


def deadlines_of(terms: LevelTerms) -> dict[str, int]:
    """Return the variables that bound the steps at a level: hours, working days for the review and its check."""
    return {
        "deadline_assess": terms.assess_hours,
        "deadline_contain": terms.contain_hours,
        "deadline_contain_again": terms.contain_hours,
        "deadline_acknowledge": terms.acknowledge_hours,
        "deadline_recover": terms.recover_hours,
        "deadline_review": terms.review_days,
        "deadline_verify": VERIFY_DAYS,
    }


def start(
    actor: Actor, *, plan_code: str, level: Level, title: str, summary: str, is_drill: bool,
    institution_ids: Sequence[int] = (), regulator_id: int | None = None, proposal_uuid: UUID | None = None,
) -> EmergencyRef:  # fmt: skip
    """Start an emergency, or a drill, by the plan in force (clause D5).

    The institutions are called once the facts are confirmed. Raises what :func:`emergencies.operations.start` raises.
    """
    transactions.require()
    made = emergencies_operations.start(
        actor, plan_code=plan_code, level=level, title=title, summary=summary, is_drill=is_drill,
        regulator_id=regulator_id, proposal_uuid=proposal_uuid,
    )  # fmt: skip
    terms = emergencies_queries.terms_of_case(actor, made.case_uuid)
    lanes = {COMMAND_LANE: LaneHolder(organisation_id=actor.organisation_id)}
    if regulator_id is not None:
        lanes[REGULATOR_LANE] = LaneHolder(organisation_id=regulator_id)
    processes_operations.start(
        actor,
        PROCESS,
        case_uuid=made.case_uuid,
        variables={"institutions": list(institution_ids), "regulator_called": False, **deadlines_of(terms)},
        lanes=lanes,
    )
    return made
