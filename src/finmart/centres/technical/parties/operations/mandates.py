"""Who may sign for an organisation, and who stands in for whom."""

from datetime import datetime

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies
from finmart.centres.technical.parties.models import Deputy, Mandate, Membership
from finmart.centres.technical.parties.types import MandateScope, PartiesAct, UnableToEnd
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal


def grant_mandate(
    actor: Actor, *, person_id: int, organisation_id: int, scope: MandateScope, valid_to: datetime | None
) -> int:
    """Let a member sign for the organisation until ``valid_to``; its legal person (or administrator) grants that."""
    transactions.require()
    if not policies.can_grant_mandate(actor, organisation_id):
        raise AccessDenied("只有法定代表人或机构管理员可以授权他人签署")
    if valid_to is not None and valid_to <= clock.now():
        raise Refusal("授权截止时间必须晚于现在", field="valid_to", remedy="请选择以后的日期")
    if not _is_member(person_id, organisation_id):
        raise Refusal("被授权人必须是本机构人员", field="person", remedy="请先在人员管理中添加该人员")
    mandate = Mandate.objects.create(
        person_id=person_id, organisation_id=organisation_id, scope=scope,
        valid_from=clock.now(), valid_to=valid_to, granted_by_id=actor.person_id,
    )  # fmt: skip
    audit_operations.record(
        actor, PartiesAct.MANDATE_GRANT, f"mandate:{mandate.pk}", person=person_id, scope=str(scope)
    )
    return mandate.pk


def revoke_mandate(actor: Actor, mandate_id: int) -> None:
    """End a granted mandate now; its holder may give it up too. A legal person's own right cannot be revoked."""
    transactions.require()
    mandate = Mandate.objects.select_for_update().filter(pk=mandate_id).first()
    if mandate is None or not policies.can_revoke_mandate(
        actor, holder_id=mandate.person_id, organisation_id=mandate.organisation_id
    ):
        raise NotFound("没有找到该授权")
    now = clock.now()
    if mandate.granted_by_id is None and mandate.valid_to is None and not actor.system:
        raise UnableToEnd("法定代表人的签署权来自登记，不能撤销")
    if mandate.valid_to is not None and mandate.valid_to <= now:
        raise UnableToEnd("该授权已经终止")
    mandate.valid_to = now
    mandate.save(update_fields=["valid_to"])
    audit_operations.record(actor, PartiesAct.MANDATE_REVOKE, f"mandate:{mandate.pk}", person=mandate.person_id)


def appoint_deputy(actor: Actor, *, deputy_id: int, valid_from: datetime, valid_to: datetime) -> int:
    """Name a colleague of the same organisation who stands in for the actor for a time."""
    transactions.require()
    if actor.person_id is None or actor.organisation_id is None:
        raise AccessDenied("请先登录")
    if deputy_id == actor.person_id:
        raise Refusal("代理人不能是自己", field="deputy", remedy="请选择其他同事")
    if not _is_member(deputy_id, actor.organisation_id):
        raise Refusal("代理人必须是本机构人员", field="deputy")
    if valid_to <= valid_from:
        raise Refusal("代理的结束时间必须晚于开始时间", field="valid_to")
    if valid_to <= clock.now():
        raise Refusal("代理的结束时间必须晚于现在", field="valid_to")
    deputy = Deputy.objects.create(
        absent_id=actor.person_id, deputy_id=deputy_id, organisation_id=actor.organisation_id,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    audit_operations.record(actor, PartiesAct.DEPUTY_APPOINT, f"deputy:{deputy.pk}", deputy=deputy_id)
    return deputy.pk


def end_deputy(actor: Actor, deputy_id: int) -> None:
    """End a stand-in now, or cancel one that has not begun."""
    transactions.require()
    deputy = Deputy.objects.select_for_update().filter(pk=deputy_id).first()
    if deputy is None or not policies.can_end_deputy(
        actor, absent_id=deputy.absent_id, organisation_id=deputy.organisation_id
    ):
        raise NotFound("没有找到该代理")
    now = clock.now()
    if deputy.valid_to <= now:
        raise UnableToEnd("该代理已经结束")
    deputy.valid_from, deputy.valid_to = min(deputy.valid_from, now), now
    deputy.save(update_fields=["valid_from", "valid_to"])
    audit_operations.record(actor, PartiesAct.DEPUTY_END, f"deputy:{deputy.pk}", deputy=deputy.deputy_id)


def _is_member(person_id: int, organisation_id: int) -> bool:
    return Membership.objects.filter(person_id=person_id, organisation_id=organisation_id, valid_to=None).exists()
