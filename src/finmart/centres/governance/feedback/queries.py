"""Appeals: a party's own, and all for the operator."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from finmart.centres.governance.feedback import policies
from finmart.centres.governance.feedback.models import Appeal
from finmart.centres.governance.feedback.types import (
    OF_FIRMS,
    AppealFigures,
    AppealFinding,
    AppealSubject,
    AppealView,
)
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound

MOST_ROWS = 200


def appeals_for(actor: Actor) -> list[AppealView]:
    """Return the appeals of the actor's organisation, all for the operator, the newest first."""
    return [_view(actor, row) for row in _visible(actor).order_by("-pk")[:MOST_ROWS]]


def appeal_of_case_for(actor: Actor, case_uuid: UUID) -> AppealView:
    """Return the appeal of a case. Raises NotFound."""
    row = _visible(actor).filter(case__uuid=case_uuid).first()
    if row is None:
        raise NotFound("没有找到该申诉")
    return _view(actor, row)


def may_appeal(actor: Actor) -> bool:
    """May the actor appeal for the organisation acted for?"""
    return policies.can_appeal(actor)


def subjects_for(actor: Actor) -> list[AppealSubject]:
    """Return what the actor's organisation may appeal against."""
    return [one for one in AppealSubject if policies.may_be_about(actor, one)]


def figures() -> AppealFigures:
    """Return how many appeals there are; no party is named."""
    told = Appeal.objects.aggregate(
        lodged=Count("pk"), accepted=Count("pk", filter=Q(finding=AppealFinding.ACCEPTED)),
        open=Count("pk", filter=Q(finding="")),
    )  # fmt: skip
    return AppealFigures(**told)


def _visible(actor: Actor) -> QuerySet[Appeal]:
    rows = Appeal.objects.select_related("case", "organisation", "decided_by")
    if actor.system or policies.can_find(actor):
        return rows
    return rows.filter(organisation_id=actor.organisation_id) if actor.organisation_id else rows.none()


def _view(actor: Actor, row: Appeal) -> AppealView:
    return AppealView(
        uuid=row.uuid, number=row.case.number, organisation_name=row.organisation.name,
        subject=AppealSubject(row.subject), reference=row.reference, grounds=row.grounds, lodged_at=row.lodged_at,
        finding=AppealFinding(row.finding) if row.finding else None, reason=row.reason,
        decided_by=row.decided_by.full_name if row.decided_by and policies.can_find(actor) else "",
        decided_at=row.decided_at,
    )  # fmt: skip


__all__ = ["OF_FIRMS", "appeal_of_case_for", "appeals_for", "figures", "may_appeal", "subjects_for"]
