"""Lists of work items and one item, as an actor may see them. Every list takes a constant number of queries."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, F, Func, JSONField, OuterRef, Q, QuerySet

from finmart.centres.technical.parties.types import OrganisationKind
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.models import Copy, SignOff, WorkItem
from finmart.centres.technical.processes.policies import Standing
from finmart.centres.technical.processes.queries import views
from finmart.centres.technical.processes.queries.standing import standing_of
from finmart.centres.technical.processes.types import ItemState, ItemView, SeatState
from finmart.integrations.bpmn.model import SignOffKind
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound

_SIDES = Func(
    F("instance__lanes"),
    function="jsonb_path_query_array",
    template="%(function)s(%(expressions)s, '$.*.organisation_id')",
    output_field=JSONField(),
)
PAGE = 50  # a default of ours
SOON = timedelta(hours=48)  # a default of ours


def open_items_for(actor: Actor, *, limit: int = PAGE, offset: int = 0) -> list[ItemView]:
    """Return what waits for this actor now, the oldest first: own seats, free seats of their roles, and the same of
    colleagues they stand in for. Items that wait for others only are not among them.
    """
    standing = standing_of(actor)
    return _page(standing, _waiting_for(standing).order_by("id"), limit, offset)


def count_open_items_for(actor: Actor) -> int:
    return _waiting_for(standing_of(actor)).count()


def due_soon_for(actor: Actor, *, within: timedelta = SOON, limit: int = PAGE, offset: int = 0) -> list[ItemView]:
    """Return what waits for this actor and is due within a time or overdue, the most urgent first."""
    standing = standing_of(actor)
    return _page(standing, _due(standing, within).order_by("deadline__due_at", "id"), limit, offset)


def count_due_soon_for(actor: Actor, *, within: timedelta = SOON) -> int:
    return _due(standing_of(actor), within).count()


def done_items_for(actor: Actor, *, limit: int = PAGE, offset: int = 0) -> list[ItemView]:
    """Return what this actor has signed, the latest first, whatever became of it."""
    rows = SignOff.objects.filter(signed_by=actor.person_id, state=SeatState.SIGNED).order_by("-signed_at", "-id")
    return _in_order(Standing(actor), list(rows.values_list("item_id", flat=True)[offset : offset + limit]))


def count_done_items_for(actor: Actor) -> int:
    return SignOff.objects.filter(signed_by=actor.person_id, state=SeatState.SIGNED).count()


def copied_to(actor: Actor, *, limit: int = PAGE, offset: int = 0) -> list[ItemView]:
    """Return the items this actor was sent a copy of, the latest first."""
    rows = Copy.objects.filter(person_id=actor.person_id or 0).order_by("-id").values_list("item_id", flat=True)
    return _in_order(Standing(actor), list(rows[offset : offset + limit]))


def count_copied_to(actor: Actor) -> int:
    return Copy.objects.filter(person_id=actor.person_id or 0).count()


def item_for(actor: Actor, item_uuid: UUID) -> ItemView:
    """Return one item with its return targets and variables. Raises NotFound to all but the holder's side.

    That is: the organisation (or person) that holds the lane, signers, who was sent a copy, and overseers.
    """
    item = _rows().filter(uuid=item_uuid).prefetch_related("sign_offs").first()
    if item is None:
        raise NotFound("没有找到该事项")
    standing = standing_of(actor)
    is_own = views.is_own_side(standing, item, list(item.sign_offs.all()))
    if not is_own and not Copy.objects.filter(item=item, person_id=actor.person_id or 0).exists():
        raise NotFound("没有找到该事项")
    names = views.names_of([item])
    return views.full_view(standing, item, names)


def _rows() -> QuerySet[WorkItem]:
    return WorkItem.objects.select_related("instance__definition", "deadline").defer(
        "instance__definition__xml", "instance__definition__decisions"
    )


def _page(standing: Standing, rows: QuerySet[WorkItem], limit: int, offset: int) -> list[ItemView]:
    chosen = rows.select_related("instance__definition", "deadline").prefetch_related("sign_offs")
    chosen = chosen.defer("instance__definition__xml", "instance__definition__decisions", "instance__tokens")
    return _views(standing, list(chosen[offset : offset + limit]))


def _in_order(standing: Standing, ids: Sequence[int]) -> list[ItemView]:
    rows = _rows().defer("instance__definition__xml", "instance__definition__decisions", "instance__tokens")
    found = {row.pk: row for row in rows.filter(pk__in=ids).prefetch_related("sign_offs")}
    return _views(standing, [found[key] for key in ids])


def _views(standing: Standing, items: Iterable[WorkItem]) -> list[ItemView]:
    rows = list(items)
    names = views.names_of(rows)
    return [views.view(standing, item, names) for item in rows]


def _due(standing: Standing, within: timedelta) -> QuerySet[WorkItem]:
    return _waiting_for(standing).filter(deadline__due_at__lte=clock.now() + within)


def _waiting_for(standing: Standing) -> QuerySet[WorkItem]:
    """Return the open items of running processes in which the actor could sign now.

    One sub-query for seats and one for free places, each with a partial index of its own: finished items are not read.
    """
    persons = list(standing.persons)
    if not persons:
        return WorkItem.objects.none()
    seated = SignOff.objects.filter(state=SeatState.OPEN, item__state=ItemState.OPEN)
    own = seated.filter(Q(delegate_id__in=persons) | Q(delegate_id=None, person_id__in=persons)).values("item_id")
    free = _free_for(standing).values("pk")
    found = WorkItem.objects.filter(pk__in=own.union(free), instance__state="ACTIVE").exclude(
        barred__contains=[standing.actor.person_id]
    )
    return _without_conflicts(standing.actor, found)


def _without_conflicts(actor: Actor, found: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    """Leave out what the actor must step aside from; as :func:`policies.is_recused` says of one."""
    if not actor.conflicts or actor.organisation_kind == OrganisationKind.ENTERPRISE:
        return found
    tied = Q(pk__in=[])
    for organisation_id in actor.conflicts:
        tied |= Q(sides__contains=[organisation_id]) & ~Q(organisation_id=organisation_id)
    return found.annotate(sides=_SIDES).exclude(tied)


def _free_for(standing: Standing) -> QuerySet[WorkItem]:
    actor, persons = standing.actor, list(standing.persons)
    roles = sorted(actor.roles.union(*standing.absent.values()))
    side = Q(lane_person_id__in=persons)
    if actor.organisation_id is not None:
        side |= Q(lane_person_id=None, organisation_id=actor.organisation_id) & (Q(roles=[]) | Q(roles__overlap=roles))
    seats = SignOff.objects.filter(item=OuterRef("pk"), state__in=policies.ACTIVE_SEATS)
    mine = seats.filter(Q(person_id=actor.person_id or 0) | Q(signed_by=actor.person_id))
    in_line = Q(sign_off=SignOffKind.IN_TURN) & Exists(seats.exclude(state=SeatState.SIGNED))
    return WorkItem.objects.filter(side, ~Exists(mine), ~in_line, state=ItemState.OPEN, taken__lt=F("seats"))
