"""What stands beside a step: for the commanders the emergency with its steps, for the regulator what it is told."""

from typing import Any

from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.technical.processes.types import ItemView
from finmart.journeys.governance.emergency.bindings import PROCESS_ACTOR
from finmart.journeys.governance.emergency.start import COMMAND_LANE
from finmart.kit.actor import Actor


def shown(actor: Actor, item: ItemView) -> list[tuple[str, str, dict[str, Any], bool]]:
    """Return (title, template, values, decisive) of the cards for this actor at this step."""
    if actor.organisation_id != item.organisation_id:
        return []
    found = emergencies_queries.emergency_of_case_for(PROCESS_ACTOR, item.case_uuid)
    commands = item.lane == COMMAND_LANE
    steps = found.steps if commands else ()
    terms = found.plan.terms(found.row.level)
    title = "应急演练" if found.row.is_drill else "应急处置"
    return [
        (title, "emergency/about.html", {"found": found, "steps": steps, "commands": commands, "terms": terms}, True)
    ]
