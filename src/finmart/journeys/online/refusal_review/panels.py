"""What is read beside the steps of a review: the refusal with its reasons, and the firm's grounds."""

from typing import Any

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.technical.processes.types import ItemView
from finmart.kit.actor import Actor


def shown(actor: Actor, item: ItemView) -> list[tuple[str, str, dict[str, Any], bool]]:
    """Return (title, template, values, decisive) of the cards for this actor at this step."""
    application = applications_queries.application_of_case_for(actor, item.case_uuid)
    if application is None:
        return []
    review = applications_queries.review_for(actor, application)
    values = {"application": application, "review": review}
    return [("原决定与复核请求", "refusal_review/refusal.html", values, True)]
