"""Registering organisations and people; granting membership, mandates and deputies."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies, rules
from finmart.centres.technical.parties.models import Deputy, Mandate, Membership, Organisation, Person
from finmart.centres.technical.parties.queries import organisation_ref
from finmart.centres.technical.parties.types import (
    MandateScope,
    OrganisationKind,
    OrganisationRef,
    PartiesAct,
    PersonRef,
    Role,
    UnableToRegister,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal


def register_organisation(
    actor: Actor,
    *,
    kind: OrganisationKind,
    name: str,
    credit_code: str,
    district: str = "",
    is_example: bool = False,
) -> OrganisationRef:
    """Register an organisation once. Raises UnableToRegister where the credit code is taken, Refusal where wrong."""
    transactions.require()
    if not policies.can_register_organisation(actor):
        raise AccessDenied("您无权登记机构")
    organisation = Organisation(
        kind=kind,
        name=rules.normal_name(name),
        credit_code=rules.normal_credit_code(credit_code),
        district=district,
        registered_at=clock.now(),
        is_example=is_example,
    )
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToRegister(
            f"统一社会信用代码 {organisation.credit_code} 已登记",
            field="credit_code",
            remedy="如为本企业，请联系已登记的经办人加入，无需重复登记",
        ) from error
    audit_operations.record(
        actor, PartiesAct.ORGANISATION_REGISTER, f"organisation:{organisation.uuid}", kind=str(kind)
    )
    return organisation_ref(organisation)


def register_person(
    actor: Actor,
    *,
    username: str,
    full_name: str,
    password: str | None,
    email: str = "",
    is_example: bool = False,
) -> PersonRef:
    """Register a person with an account. ``password`` None makes an account that cannot sign in yet."""
    transactions.require()
    person = Person(
        username=username.strip().lower(),
        full_name=rules.normal_name(full_name)[:60],
        email=email,
        password=make_password(password),
        registered_at=clock.now(),
        is_example=is_example,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToRegister("该登录名已被使用", field="username", remedy="请换一个登录名") from error
    audit_operations.record(actor, PartiesAct.PERSON_REGISTER, f"person:{person.uuid}")
    return PersonRef(person.pk, person.full_name)


def add_member(actor: Actor, *, person_id: int, organisation_id: int, roles: list[Role]) -> int:
    """Give a person a place and roles in an organisation; a legal person also gets the mandate to sign.

    Returns the membership's id. Raises AccessDenied, or Refusal where the person is already a member.
    """
    transactions.require()
    if not policies.can_manage_members(actor, organisation_id):
        raise AccessDenied("您无权管理该机构的人员")
    now = clock.now()
    try:
        with transaction.atomic():
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


def grant_mandate(
    actor: Actor, *, person_id: int, organisation_id: int, scope: MandateScope, valid_to: datetime | None
) -> int:
    """Let a member sign for the organisation until ``valid_to``; only its legal person may grant that."""
    transactions.require()
    if not (actor.organisation_id == organisation_id and actor.has_role(Role.ENTERPRISE_LEGAL_PERSON)):
        raise AccessDenied("只有法定代表人可以授权他人签署")
    if valid_to is not None and valid_to <= clock.now():
        raise Refusal("授权截止时间必须晚于现在", field="valid_to")
    mandate = Mandate.objects.create(
        person_id=person_id, organisation_id=organisation_id, scope=scope,
        valid_from=clock.now(), valid_to=valid_to, granted_by_id=actor.person_id,
    )  # fmt: skip
    audit_operations.record(
        actor, PartiesAct.MANDATE_GRANT, f"mandate:{mandate.pk}", person=person_id, scope=str(scope)
    )
    return mandate.pk


def appoint_deputy(actor: Actor, *, deputy_id: int, valid_from: datetime, valid_to: datetime) -> int:
    """Name a colleague of the same organisation who stands in for the actor for a time."""
    transactions.require()
    if actor.person_id is None or actor.organisation_id is None:
        raise AccessDenied("请先登录")
    if not Membership.objects.filter(
        person_id=deputy_id, organisation_id=actor.organisation_id, valid_to=None
    ).exists():
        raise Refusal("代理人必须是本机构人员", field="deputy")
    if valid_to <= valid_from:
        raise Refusal("代理的结束时间必须晚于开始时间", field="valid_to")
    deputy = Deputy.objects.create(
        absent_id=actor.person_id, deputy_id=deputy_id, organisation_id=actor.organisation_id,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    audit_operations.record(actor, PartiesAct.DEPUTY_APPOINT, f"deputy:{deputy.pk}", deputy=deputy_id)
    return deputy.pk
