"""Requests as applicant and operator see them, and everything the platform holds of somebody."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import BinaryField, Q, QuerySet

from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.governance.rights import policies
from finmart.centres.governance.rights.models import DataRequest
from finmart.centres.governance.rights.rules.held import HELD, NOT_HELD, STAYS, Held
from finmart.centres.governance.rights.types import (
    ContactField,
    Ground,
    Kept,
    Outcome,
    RequestKind,
    RequestState,
    RequestView,
    RightsAct,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

_SHOWN = 200
_WAITING = {
    RequestState.SUBMITTED: "accept_by",
    RequestState.ACCEPTED: "answer_by",
    RequestState.IN_REVIEW: "review_by",
}


def requests_for(actor: Actor, *, is_open: bool | None = None) -> list[RequestView]:
    """Return the actor's own requests and those of the firm it may speak for; all for the operator, the soonest due
    first. ``is_open`` narrows to those that wait for the operator, or to the others.
    """
    rows = _rows()
    if not policies.can_handle(actor):
        own = Q(person_id=actor.person_id or 0, organisation=None)
        if policies.can_ask_for_firm(actor):
            own |= Q(organisation_id=actor.organisation_id)
        rows = rows.filter(own)
    if is_open is not None:
        waiting = Q(state__in=list(_WAITING))
        rows = rows.filter(waiting if is_open else ~waiting)
    return [view(actor, row, is_listed=True) for row in rows.order_by("answer_by", "id")[:_SHOWN]]


def request_for(actor: Actor, uuid: UUID) -> RequestView:
    """Return one request. Raises NotFound, also for others' requests."""
    row = _rows().filter(uuid=uuid).first()
    if row is None or not (policies.is_own(actor, row) or policies.can_handle(actor)):
        raise NotFound("没有找到该申请")
    return view(actor, row)


def may_ask_for_firm(actor: Actor) -> bool:
    """May the actor ask for its firm?"""
    return policies.can_ask_for_firm(actor)


def stays() -> tuple[Kept, ...]:
    """Return what no deletion removes, and why."""
    return STAYS


def left_out() -> list[Kept]:
    """Return what an archive does not hold, and why."""
    return sorted(NOT_HELD.values(), key=lambda one: one.label)


def held_of(request: DataRequest) -> Iterator[tuple[Held, Iterator[dict[str, Any]]]]:
    """Return every kind of row the platform holds of a request's subject, with the rows. For this centre only."""
    for held in HELD:
        paths = held.firm if request.organisation_id is not None else held.person
        subject = request.organisation_id if request.organisation_id is not None else request.person_id
        if paths:
            yield held, _found(held, paths, subject)


def _found(held: Held, paths: tuple[str, ...], subject: int) -> Iterator[dict[str, Any]]:
    model = apps.get_model(held.model)
    columns = [
        one.attname for one in model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a model's columns
        if one.name not in held.omit and not isinstance(one, BinaryField)
    ]  # fmt: skip
    wanted = Q()
    for path in paths:
        wanted |= Q(**{path: subject})
    rows: Any = model._default_manager.filter(wanted).order_by("pk").distinct()  # noqa: SLF001 - as above
    # as rows of their model, not as values: what is sealed opens with its row
    for row in rows.defer(*held.omit).iterator(chunk_size=2_000):
        yield {name: getattr(row, name) for name in columns}


def blocking(organisation_id: int | None, person_id: int) -> tuple[str, ...]:
    """Return what keeps a deletion from being granted whole: loans that run. For this centre only."""
    running = servicing_queries.running_numbers_of(organisation_id=organisation_id, person_id=person_id)
    return tuple(f"贷款 {number} 尚未结清" for number in running)


def _rows() -> QuerySet[DataRequest]:
    return DataRequest.objects.select_related("organisation", "person", "answered_by")


def view(actor: Actor, row: DataRequest, *, is_listed: bool = False) -> RequestView:
    """Return a request as this actor sees it; what blocks a deletion is not looked for in lists. For this centre."""
    state = RequestState(row.state)
    due = getattr(row, _WAITING[state]) if state in _WAITING else None
    is_deletion = row.kind == RequestKind.DELETION and state == RequestState.ACCEPTED and not is_listed
    applicant = masking_queries.name_of_partner(
        actor, row.person.full_name, organisation_id=row.organisation_id, person_id=row.person_id
    )
    return RequestView(
        uuid=row.uuid, number=number_of(row), kind=RequestKind(row.kind),
        subject_name=row.organisation.name if row.organisation else applicant,
        is_for_firm=row.organisation_id is not None, made_by=applicant, made_at=row.made_at, text=row.text,
        field_label=ContactField(row.field).label if row.field else "", value=row.value, state=state,
        accept_by=row.accept_by, answer_by=row.answer_by, accepted_at=row.accepted_at, answered_at=row.answered_at,
        answered_by=(
            masking_queries.name_of_operator_staff(actor, row.answered_by.full_name) if row.answered_by else ""
        ),
        outcome_label=Outcome(row.outcome).label if row.outcome else "",
        ground_label=Ground(row.ground).label if row.ground else "", answer=row.answer, effect=row.effect,
        open_until=row.open_until, appeal=row.appeal, review_by=row.review_by, review=row.review,
        due_at=due, is_overdue=due is not None and due < clock.now(),
        blocking=blocking(row.organisation_id, row.person_id) if is_deletion and policies.can_handle(actor) else (),
        acts=_acts(actor, row, state),
    )  # fmt: skip


def number_of(row: DataRequest) -> str:
    """Return the number people use for a request."""
    return f"SQ{row.made_at.astimezone(clock.CITY_ZONE):%Y%m%d}-{row.pk:05d}"


def _acts(actor: Actor, row: DataRequest, state: RequestState) -> frozenset[str]:
    found = set()
    own, handles = policies.is_own(actor, row), policies.may_handle(actor, row)
    if own and state in {RequestState.SUBMITTED, RequestState.ACCEPTED}:
        found.add(RightsAct.REQUEST_WITHDRAW)
    if own and state == RequestState.ANSWERED and row.outcome != Outcome.GRANTED:
        found.add(RightsAct.REQUEST_APPEAL)
    if own and row.open_until is not None and row.open_until > clock.now():
        found.add(RightsAct.ARCHIVE_FETCH)
    if handles and state == RequestState.SUBMITTED:
        found.add(RightsAct.REQUEST_ACCEPT)
    if handles and state == RequestState.ACCEPTED:
        found.add(RightsAct.REQUEST_ANSWER)
    if policies.may_review(actor, row) and state == RequestState.IN_REVIEW:
        found.add(RightsAct.REQUEST_REVIEW)
    return frozenset(found)


def require_handler(actor: Actor) -> None:
    """Raise AccessDenied for all but operator staff."""
    if not policies.can_handle(actor):
        raise AccessDenied("数据权利申请的办理只对运营人员开放")
