"""What is read beside the step of an appeal."""

from typing import Any

from finmart.centres.governance.feedback import queries as feedback_queries
from finmart.centres.technical.processes.types import ItemView
from finmart.kit.actor import Actor


def shown(actor: Actor, item: ItemView) -> list[tuple[str, str, dict[str, Any], bool]]:
    """Return (title, template, values, decisive) of the cards for this actor at this step."""
    appeal = feedback_queries.appeal_of_case_for(actor, item.case_uuid)
    return [("申诉", "appeal/appeal.html", {"appeal": appeal}, True)]
