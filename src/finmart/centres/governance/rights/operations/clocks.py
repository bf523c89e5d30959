"""Deadlines of requests, from the settings ``rights.*``, on the operator's calendar."""

from datetime import datetime

from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock

ACCEPT, ANSWER, REVIEW, OPEN = "rights.accept.days", "rights.answer.days", "rights.review.days", "rights.open.days"


def due(*keys: str) -> list[datetime]:
    """Return for each setting the moment its time is over, counted from now."""
    now = clock.now()
    found = parameters_queries.deadlines(keys)
    calendar = parameters_queries.working_calendar(clock.today())
    return [calendar.add(now, found[key].amount, found[key].unit) for key in keys]
