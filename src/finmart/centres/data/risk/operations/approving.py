"""Four eyes: a version is used once two persons who did not make it have approved it."""

from uuid import UUID

from django.db import connection

from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import Opinion
from finmart.centres.data.risk.queries import versions
from finmart.centres.data.risk.types import ModelRow, ModelState, RiskAct, UnableToChangeModel
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

_SPEAKING = 7_301_005  # any number, as long as nothing else locks it


def approve(actor: Actor, version_uuid: UUID, *, reason: str = "") -> ModelRow:
    """Approve a version. Raises AccessDenied for its maker and for a second word of the same person.

    Also raises NotFound, UnableToChangeModel where it no longer waits, UnableToUseModel where the file was tampered
    with: nobody puts into force what is not what was trained.
    """
    return _speak(actor, version_uuid, is_approval=True, reason=reason.strip())


def reject(actor: Actor, version_uuid: UUID, *, reason: str) -> ModelRow:
    """Reject a version for good, with a reason. Raises as :func:`approve`."""
    if not reason.strip():
        raise UnableToChangeModel("请写明不同意的理由", field="reason")
    return _speak(actor, version_uuid, is_approval=False, reason=reason.strip())


def _speak(actor: Actor, version_uuid: UUID, *, is_approval: bool, reason: str) -> ModelRow:
    transactions.require()
    if actor.person_id is None or not policies.can_read_models(actor):
        raise AccessDenied("您无权审批风险模型")
    _wait_for_others(versions.version_of(version_uuid).pk)
    version = versions.version_of(version_uuid)
    given = set(version.opinions.values_list("person_id", flat=True))
    if not policies.can_give_opinion(actor, version.made_by_id, given):
        raise AccessDenied("模型须由两名不同人员审批：训练或调整者本人、以及已表态的人不能再审批")
    if versions.row_of(actor, version).state != ModelState.WAITING:
        raise UnableToChangeModel("该版本已审批完毕", field="version", remedy="请刷新页面查看最新状态")
    versions.require_untouched(version)
    Opinion.objects.create(
        version=version, person_id=actor.person_id, is_approval=is_approval,
        reason=reason, given_at=clock.now(),
    )  # fmt: skip
    tag = RiskAct.MODEL_APPROVE if is_approval else RiskAct.MODEL_REJECT
    audit_operations.record(actor, tag, f"model:{version.uuid}", name=version.name, number=version.number)
    return versions.row_of(actor, versions.version_of(version_uuid))


def _wait_for_others(version_id: int) -> None:
    """Let one person at a time speak on a version; its row cannot be locked, for nobody may change it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPEAKING, version_id % 2**31])
