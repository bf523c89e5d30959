"""Disputes of facts, for the firm that raised them and for the operator that settles them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import DisputeLine, FactDispute
from finmart.centres.data.profiles.types import (
    FACT_TYPES,
    DisputeAct,
    DisputeLineView,
    DisputeState,
    DisputeView,
    ProfilesAct,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

MOST = 200
_ACTS_OF_FIRM = frozenset({DisputeAct.RAISED, DisputeAct.WITHDRAWN})


def disputes_for(actor: Actor, *, is_open: bool = True) -> list[DisputeView]:
    """Return open disputes, the nearest deadline first, or settled ones, the newest first.

    A firm's people see their own, people of the operator all. Raises AccessDenied for others.
    """
    rows = _seen_by(actor)
    if is_open:
        return _views(actor, rows.filter(state=DisputeState.OPEN).order_by("due_at", "pk")[:MOST])
    return _views(actor, rows.exclude(state=DisputeState.OPEN).order_by("-settled_at", "-pk")[:MOST])


def disputes_of_fact(actor: Actor, organisation_id: int, fact_type: str) -> list[DisputeView]:
    """Return the disputes of one fact of a firm, the newest first. Raises AccessDenied for all but both parties."""
    rows = _seen_by(actor).filter(organisation_id=organisation_id, fact_type=fact_type)
    return _views(actor, rows.order_by("-pk")[:MOST])


def dispute_for(actor: Actor, uuid: UUID) -> DisputeView:
    """Return one dispute. Raises AccessDenied; NotFound, for another firm's too."""
    found = _views(actor, _seen_by(actor).filter(uuid=uuid))
    if not found:
        raise NotFound("没有找到该异议")
    return found[0]


def disputed_types(organisation_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return firm → codes of its disputed facts, of firms that dispute any: the mark that travels with what is made.

    For other centres that keep what they computed from facts; tells no value.
    """
    rows = FactDispute.objects.filter(state=DisputeState.OPEN, organisation_id__in=list(organisation_ids))
    found: dict[int, list[str]] = {}
    for firm, code in rows.order_by("organisation_id", "fact_type").values_list("organisation_id", "fact_type"):
        found.setdefault(firm, []).append(code)
    return found


def _seen_by(actor: Actor) -> QuerySet[FactDispute]:
    rows = FactDispute.objects.select_related("organisation", "raised_by")
    if policies.can_compute(actor):
        return rows
    if actor.organisation_id is None or not policies.is_own(actor, actor.organisation_id):
        raise AccessDenied("数据异议只对提出的企业和运营人员开放")
    return rows.filter(organisation_id=actor.organisation_id)


def _views(actor: Actor, rows: Iterable[FactDispute]) -> list[DisputeView]:
    listed = list(rows)
    lines: dict[int, list[DisputeLine]] = {}
    for line in DisputeLine.objects.filter(dispute__in=listed).select_related("by").order_by("pk"):
        lines.setdefault(line.dispute_id, []).append(line)
    return [_view(actor, row, lines.get(row.pk, [])) for row in listed]


def _view(actor: Actor, row: FactDispute, lines: list[DisputeLine]) -> DisputeView:
    return DisputeView(
        uuid=row.uuid, organisation_id=row.organisation_id, firm_name=row.organisation.name, fact_type=row.fact_type,
        label=FACT_TYPES[row.fact_type].label, shown=row.shown, source=row.source, as_of_on=row.as_of_on,
        reason=row.reason, document_uuid=row.document_uuid, state=DisputeState(row.state), raised_at=row.raised_at,
        raised_by=_of_firm(actor, row, row.raised_by.full_name), due_at=row.due_at,
        demand_uuid=row.demand_uuid, settled_at=row.settled_at,
        outcome=row.outcome,
        lines=tuple(
            DisputeLineView(one.at, DisputeAct(one.act).label, _by(actor, row, one), one.text)
            for one in lines
        ),
        acts=_acts(actor, row),
    )  # fmt: skip


def _by(actor: Actor, row: FactDispute, line: DisputeLine) -> str:
    if line.by is None:
        return ""
    if line.act in _ACTS_OF_FIRM:
        return _of_firm(actor, row, line.by.full_name)
    return masking_queries.name_of_operator_staff(actor, line.by.full_name)


def _of_firm(actor: Actor, row: FactDispute, full_name: str) -> str:
    return masking_queries.name_of_partner(actor, full_name, organisation_id=row.organisation_id)


def _acts(actor: Actor, row: FactDispute) -> frozenset[str]:
    if row.state != DisputeState.OPEN:
        return frozenset()
    if policies.can_dispute(actor, row.organisation_id):
        return frozenset({ProfilesAct.DISPUTE_WITHDRAW})
    if not policies.can_settle_disputes(actor):
        return frozenset()
    acts = {ProfilesAct.DISPUTE_UPHOLD, ProfilesAct.DISPUTE_REJECT}
    return frozenset(acts if row.demand_uuid else {*acts, ProfilesAct.DISPUTE_ROUTE})
