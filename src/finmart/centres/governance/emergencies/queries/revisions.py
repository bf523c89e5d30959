"""The versions of a plan, and revisions that wait or were decided on."""

from typing import Any
from uuid import UUID

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.models import PlanVersion, Revision
from finmart.centres.governance.emergencies.queries.reading import plan_of, valid_from, versions_in_force
from finmart.centres.governance.emergencies.rules import plans, revising
from finmart.centres.governance.emergencies.types import (
    EmergenciesAct,
    Plan,
    PlanVersionRow,
    RevisionState,
    RevisionView,
)
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

PACK = "城市配置包"
MOST_ROWS = 50


def versions_for(actor: Actor, code: str) -> list[PlanVersionRow]:
    """Return every version of a plan, the newest first. Raises AccessDenied for all but operator staff."""
    _require(actor)
    current = versions_in_force().filter(code=code).values_list("version", flat=True).first()
    rows = PlanVersion.objects.filter(code=code).order_by("-version")
    return [
        PlanVersionRow(
            row.version, valid_from(row), *_authors(row.revision), row.version == current
        )
        for row in rows.select_related("revision__made_by", "revision__decided_by")[:MOST_ROWS]
    ]  # fmt: skip


def _authors(revision: Revision | None) -> tuple[str, str, str]:
    if revision is None:
        return PACK, "", ""
    made_by = revision.made_by.full_name if revision.made_by else PACK
    return made_by, revision.decided_by.full_name if revision.decided_by else "", revision.reason


def plan_version_for(actor: Actor, code: str, version: int) -> Plan:
    """Return a plan as one of its versions says. Raises AccessDenied, NotFound."""
    _require(actor)
    row = PlanVersion.objects.filter(code=code, version=version).first()
    if row is None:
        raise NotFound("没有找到该版本的应急预案")
    return plan_of(row)


def newest_words_for(actor: Actor, code: str) -> tuple[int, dict[str, Any]]:
    """Return the number and the words of the newest version, to be revised. Raises AccessDenied, NotFound."""
    _require(actor)
    row = PlanVersion.objects.filter(code=code).order_by("-version").first()
    if row is None:
        raise NotFound("没有找到该应急预案")
    return row.version, row.body


def waiting_revisions_for(actor: Actor) -> list[RevisionView]:
    """Return the revisions that wait for somebody, the oldest first. Raises AccessDenied."""
    _require(actor)
    rows = Revision.objects.filter(state=RevisionState.WAITING).select_related("made_by", "decided_by").order_by("pk")
    return [_view(actor, row) for row in rows]


def revision_for(actor: Actor, uuid: UUID) -> RevisionView:
    """Return a revision with all that it changes. Raises AccessDenied, NotFound."""
    _require(actor)
    row = Revision.objects.select_related("made_by", "decided_by").filter(uuid=uuid).first()
    if row is None:
        raise NotFound("没有找到该预案修订")
    return _view(actor, row)


def _view(actor: Actor, row: Revision) -> RevisionView:
    base = plan_of(PlanVersion.objects.get(code=row.code, version=row.base_version))
    proposed = plans.read(row.body, version=row.base_version + 1, adopted_on=row.valid_from)
    acts: set[EmergenciesAct] = set()
    if row.state == RevisionState.WAITING:
        if policies.can_adopt(actor, row.made_by_id):
            acts = {EmergenciesAct.REVISION_ADOPT, EmergenciesAct.REVISION_REJECT}
        elif policies.can_command(actor):
            acts = {EmergenciesAct.REVISION_WITHDRAW}
    return RevisionView(
        uuid=row.uuid, plan_code=row.code, plan_title=proposed.title, base_version=row.base_version,
        valid_from=row.valid_from, reason=row.reason, state=RevisionState(row.state),
        made_by=row.made_by.full_name if row.made_by else PACK, made_at=row.made_at,
        decided_by=row.decided_by.full_name if row.decided_by else "", decided_at=row.decided_at, opinion=row.opinion,
        changes=revising.changes(base, proposed), acts=frozenset(acts),
    )  # fmt: skip


def _require(actor: Actor) -> None:
    if not policies.can_see_all(actor):
        raise AccessDenied("应急预案只对运营人员开放")
