"""A person's place in an organisation."""

from collections.abc import Sequence

from django.db import IntegrityError

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies, rules
from finmart.centres.technical.parties.models import Deputy, Mandate, Membership, Organisation
from finmart.centres.technical.parties.types import MandateScope, PartiesAct, Role, UnableToEnd
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal


def add_member(actor: Actor, *, person_id: int, organisation_id: int, roles: Sequence[Role]) -> int:
    """Give a person a place and roles in an organisation; a legal person also gets the mandate to sign.

    Returns the membership's id. Raises AccessDenied, or Refusal where the person is already a member or a role
    does not fit the kind of organisation.
    """
    transactions.require()
    _check(actor, organisation_id, roles)
    now = clock.now()
    try:
        with transactions.opened():
            member = Membership.objects.create(
                person_id=person_id,
                organisation_id=organisation_id,
                roles=[str(r) for r in roles],
                valid_from=now,
            )
    except IntegrityError as error:
        raise Refusal("该人员已在本机构中", field="person") from error
    if Role.ENTERPRISE_LEGAL_PERSON in roles:
        Mandate.objects.create(
            person_id=person_id, organisation_id=organisation_id, scope=MandateScope.ALL, valid_from=now
        )
    audit_operations.record(
        actor, PartiesAct.MEMBERSHIP_ADD, f"membership:{member.pk}",
        person=person_id, organisation=organisation_id, roles=[str(r) for r in roles],
    )  # fmt: skip
    return member.pk


def change_roles(actor: Actor, membership_id: int, *, roles: Sequence[Role]) -> None:
    """Replace the roles of a member. A legal person is neither made nor unmade here."""
    transactions.require()
    member = _standing(actor, membership_id)
    before = list(member.roles)
    if Role.ENTERPRISE_LEGAL_PERSON in before:
        raise Refusal("法定代表人的角色不能在此修改", field="roles", remedy="变更法定代表人请先办理工商变更并联系平台")
    _check(actor, member.organisation_id, roles)
    member.roles = [str(r) for r in roles]
    member.save(update_fields=["roles"])
    audit_operations.record(
        actor, PartiesAct.MEMBERSHIP_CHANGE_ROLES, f"membership:{member.pk}", before=before, after=member.roles
    )


def end_membership(actor: Actor, membership_id: int) -> None:
    """End a membership now, with the mandates held and the stand-ins given or taken in that organisation."""
    transactions.require()
    member = _standing(actor, membership_id)
    if member.person_id == actor.person_id:
        raise UnableToEnd("不能移除自己", remedy="请由本机构其他管理人员办理")
    if Role.ENTERPRISE_LEGAL_PERSON in member.roles and not policies.can_name_legal_person(actor):
        raise UnableToEnd("不能移除法定代表人", remedy="变更法定代表人请先办理工商变更并联系平台")
    now = clock.now()
    member.valid_to = now
    member.save(update_fields=["valid_to"])
    held = {"organisation_id": member.organisation_id}
    Mandate.objects.filter(person_id=member.person_id, **held).exclude(valid_to__lte=now).update(valid_to=now)
    for side in ("absent_id", "deputy_id"):
        stand_ins = Deputy.objects.filter(**held, **{side: member.person_id}, valid_to__gt=now)
        stand_ins.filter(valid_from__gt=now).update(valid_from=now)
        stand_ins.update(valid_to=now)
    audit_operations.record(
        actor, PartiesAct.MEMBERSHIP_END, f"membership:{member.pk}",
        person=member.person_id, organisation=member.organisation_id,
    )  # fmt: skip


def _standing(actor: Actor, membership_id: int) -> Membership:
    member = Membership.objects.select_for_update().filter(pk=membership_id, valid_to=None).first()
    if member is None or not policies.can_manage_members(actor, member.organisation_id):
        raise NotFound("没有找到该人员")
    return member


def _check(actor: Actor, organisation_id: int, roles: Sequence[Role]) -> None:
    if not policies.can_manage_members(actor, organisation_id):
        raise AccessDenied("您无权管理该机构的人员")
    if Role.ENTERPRISE_LEGAL_PERSON in roles and not policies.can_name_legal_person(actor):
        raise AccessDenied("法定代表人以营业执照为准，由平台核验后登记")
    if not roles:
        raise Refusal("请至少选择一个角色", field="roles")
    kind = Organisation.objects.values_list("kind", flat=True).get(pk=organisation_id)
    wrong = [role.label for role in roles if role not in rules.roles_open_to(kind)]
    if wrong:
        raise Refusal(f"该类机构没有角色：{'、'.join(wrong)}", field="roles")
