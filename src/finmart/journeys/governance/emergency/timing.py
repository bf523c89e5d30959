"""How long each phase took beside what it was given."""

from datetime import timedelta
from uuid import UUID

from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.emergencies.types import PhaseTime
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parameters.types import Unit
from finmart.centres.technical.processes import queries as processes_queries
from finmart.journeys.governance.emergency.start import PROCESS, deadlines_of
from finmart.kit.actor import Actor

READER = Actor.of_system(PROCESS)
IN_DAYS = frozenset({"review", "verify"})


def phases_of(case_uuid: UUID) -> list[PhaseTime]:
    """Return the phases that were begun, in the order of the model, each by its latest round and the level's deadline.

    For pages and papers that the reader was let into already.
    """
    running = processes_queries.instances_of(READER, case_uuid)
    if not running:
        return []
    terms = emergencies_queries.terms_of_case(READER, case_uuid)
    given, calendar = deadlines_of(terms), parameters_queries.working_calendar()
    found = []
    for step in processes_queries.steps_of(READER, running[0].uuid):
        if step.opened_at is None:
            continue
        amount = given.get(f"deadline_{step.step}")
        due = None
        if amount is not None:
            days = step.step in IN_DAYS
            due = calendar.add(step.opened_at, amount, Unit.WORKING_DAYS) if days else (
                step.opened_at + timedelta(hours=amount)
            )  # fmt: skip
        found.append(PhaseTime(step.name, step.opened_at, step.closed_at, due))
    return found
