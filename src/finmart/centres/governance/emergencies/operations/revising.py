"""A plan is revised by people: one writes the new words, another adopts them, and they hold from a day on."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.events import RevisionProposed
from finmart.centres.governance.emergencies.models import PlanVersion, Revision
from finmart.centres.governance.emergencies.operations.adopting import digest
from finmart.centres.governance.emergencies.queries.reading import plan_of
from finmart.centres.governance.emergencies.rules import plans, revising
from finmart.centres.governance.emergencies.types import EmergenciesAct, RevisionState, UnableToRevise
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

LEAST_WORDS, MOST_WORDS = 5, 300


def propose_revision(
    actor: Actor, code: str, body: Mapping[str, Any], *, base_version: int, valid_from: date, reason: str
) -> UUID:
    """Write new words for a plan; ``body`` has the parts of ``emergency.toml`` (levels, steps, wordings and texts).

    ``base_version`` is the version they were written over. Raises AccessDenied, NotFound, UnableToRevise where the
    plan could not be run, nothing changes, another revision waits, or the newest version is another by now.
    """
    transactions.require()
    if not policies.can_command(actor):
        raise AccessDenied("应急预案只由运营人员修订")
    newest = _newest(code)
    written = {**body, "code": code}
    revising.require_sound(written)
    words = _words(reason, "reason")
    if valid_from < clock.today():
        raise UnableToRevise("生效日期不能早于今天", field="valid_from", remedy="请填今天或以后的日期")
    _require_base(newest, base_version)
    proposed = plans.read(written, version=newest.version + 1, adopted_on=valid_from)
    if not revising.changes(plan_of(newest), proposed):
        raise UnableToRevise("与现行内容完全相同，没有可修订之处", remedy="请先修改再提交")
    if Revision.objects.filter(code=code, state=RevisionState.WAITING).exists():
        raise UnableToRevise("该预案已有一份修订待复核", remedy="请先处理待复核的修订")
    row = Revision.objects.create(
        code=code, base_version=newest.version, body=written, sha256=digest(written), valid_from=valid_from,
        reason=words, made_at=clock.now(), made_by_id=actor.person_id,
    )  # fmt: skip
    audit_operations.record(actor, EmergenciesAct.REVISION_PROPOSE, f"revision:{row.uuid}", plan=code, reason=words)
    events.publish(RevisionProposed(row.uuid, proposed.title, actor.organisation_name))
    return row.uuid


def adopt_revision(actor: Actor, uuid: UUID, opinion: str = "") -> int:
    """Put a revision into force from its day on, today at the earliest; return the version it became.

    Raises AccessDenied for its author, NotFound, UnableToRevise where it no longer waits or was written over words
    that are no longer the newest.
    """
    row = _waiting(actor, uuid)
    if not policies.can_adopt(actor, row.made_by_id):
        raise AccessDenied("修订须由另一名运营人员复核，起草人不能复核自己的修订")
    newest = _newest(row.code)
    _require_base(newest, row.base_version)
    made = PlanVersion.objects.create(
        code=row.code, version=newest.version + 1, body=row.body, sha256=row.sha256, adopted_at=clock.now(),
        valid_from=max(row.valid_from, clock.today()), revision=row,
    )  # fmt: skip
    _decide(actor, row, RevisionState.ADOPTED, " ".join(opinion.split())[:MOST_WORDS])
    audit_operations.record(
        actor, EmergenciesAct.REVISION_ADOPT, f"revision:{row.uuid}", plan=row.code, version=made.version
    )
    return made.version


def reject_revision(actor: Actor, uuid: UUID, reason: str) -> None:
    """Do not adopt a revision, with the reason. Raises as :func:`adopt_revision`, and for missing words."""
    row = _waiting(actor, uuid)
    if not policies.can_adopt(actor, row.made_by_id):
        raise AccessDenied("修订须由另一名运营人员复核；起草人可以撤回")
    words = _words(reason, "opinion")
    _decide(actor, row, RevisionState.REJECTED, words)
    audit_operations.record(actor, EmergenciesAct.REVISION_REJECT, f"revision:{row.uuid}", reason=words)


def withdraw_revision(actor: Actor, uuid: UUID) -> None:
    """Take one's own revision back. Raises AccessDenied for anybody else, NotFound, UnableToRevise."""
    row = _waiting(actor, uuid)
    if row.made_by_id is None or row.made_by_id != actor.person_id:
        raise AccessDenied("只有起草人可以撤回修订")
    _decide(actor, row, RevisionState.WITHDRAWN, "")
    audit_operations.record(actor, EmergenciesAct.REVISION_WITHDRAW, f"revision:{row.uuid}")


def _decide(actor: Actor, row: Revision, state: RevisionState, opinion: str) -> None:
    row.state, row.opinion, row.decided_at, row.decided_by_id = state, opinion, clock.now(), actor.person_id
    row.save(update_fields=["state", "opinion", "decided_at", "decided_by"])


def _waiting(actor: Actor, uuid: UUID) -> Revision:
    transactions.require()
    if not policies.can_command(actor):
        raise AccessDenied("应急预案只由运营人员修订")
    row = Revision.objects.select_for_update().filter(uuid=uuid).first()
    if row is None:
        raise NotFound("没有找到该预案修订")
    if row.state != RevisionState.WAITING:
        raise UnableToRevise(f"该修订{RevisionState(row.state).label}，不能再处理", remedy="请刷新后查看")
    return row


def _newest(code: str) -> PlanVersion:
    found = PlanVersion.objects.filter(code=code).order_by("-version").first()
    if found is None:
        raise NotFound("没有找到该应急预案")
    return found


def _require_base(newest: PlanVersion, base_version: int) -> None:
    if newest.version != base_version:
        raise UnableToRevise(
            f"该预案已有第 {newest.version} 版，修订是按第 {base_version} 版写的", remedy="请按最新版本重新修订"
        )


def _words(text: str, field: str) -> str:
    words = " ".join(text.split())
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToRevise(f"请写明理由，{LEAST_WORDS} 至 {MOST_WORDS} 字", field=field)
    return words
