"""Who is told that a step waits, is late, was urged or copied to them; a link leads to the item. Clauses A6, D8."""

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

from django.urls import reverse

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties.types import Members, Role
from finmart.centres.technical.processes.events import (
    DeadlineMissed,
    ItemAssigned,
    ItemCopied,
    StepEvent,
    StepOpened,
    StepUrged,
)
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound

TELLER = Actor.of_system("items")
# Whom a model means by the superior of a late step; nobody has finer ranks on this platform.
SUPERIORS = (Role.INSTITUTION_ADMINISTRATOR, Role.OPERATOR_ADMINISTRATOR)
NUMBERS_KEPT = 4096


def on_step_opened(event: StepOpened) -> None:
    _tell(event, "item_assigned", event.person_ids, _doers(event), due=_due(event))


def on_item_assigned(event: ItemAssigned) -> None:
    _tell(event, "item_assigned", event.person_ids, due=_due(event))


def on_item_copied(event: ItemCopied) -> None:
    """Tell of the copy, not what was written with it: mails leave the platform."""
    _tell(event, "item_copied", event.person_ids, opinion="请登录平台查看")


def on_step_urged(event: StepUrged) -> None:
    _tell(event, "item_urged", event.person_ids, _doers(event), sender=event.sender)


def on_deadline_missed(event: DeadlineMissed) -> None:
    """Tell who should have acted, and their superiors where the model asks for them."""
    people = _doers(event)
    if event.escalate and event.organisation_id is not None:
        people.append(Members(event.organisation_id, SUPERIORS))
    _tell(event, "deadline_passed", event.person_ids, people, due=_due(event))


def _doers(event: StepEvent) -> list[Members]:
    """Return whoever in the organisation holds a role of the step, unless its signers are named."""
    if event.person_ids or event.organisation_id is None:
        return []
    return [Members(event.organisation_id, event.roles)]


def _due(event: StepEvent) -> str:
    return f"{event.due_at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}" if event.due_at else "不限"


@lru_cache(maxsize=NUMBERS_KEPT)  # a case never changes its number, and this runs at every step
def _number(case_uuid: UUID) -> str:
    try:
        return cases_queries.number_for(TELLER, case_uuid)
    except NotFound:
        return ""


def _tell(
    event: StepEvent, template: str, person_ids: Iterable[int], members: Iterable[Members] = (), **values: str
) -> None:
    number = _number(event.case_uuid)
    if not number:
        return  # a process that runs for no case of a page
    notices_operations.notify(
        TELLER,
        person_ids=person_ids,
        members=members,
        template=template,
        values={"number": number, "step": event.name, **values},
        link=reverse("items:item", args=[event.item_uuid]),
    )
