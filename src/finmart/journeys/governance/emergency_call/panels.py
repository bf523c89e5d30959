"""What the institution was asked, beside the form of its answer."""

from typing import Any

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.processes.types import ItemView
from finmart.kit.actor import Actor


def shown(actor: Actor, item: ItemView) -> list[tuple[str, str, dict[str, Any], bool]]:
    """Return the card with the words of the call, from the case that both parties see."""
    case = cases_queries.case_by_uuid_for(actor, item.case_uuid)
    told = [line for line in cases_queries.timeline_for(actor, case.ref.number) if line.kind == "STATE"]
    return [("通知", "emergency_call/about.html", {"title": case.ref.title, "told": told}, True)]
