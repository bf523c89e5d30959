"""Registering organisations and people."""

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.crypto import salted_hmac

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies, rules
from finmart.centres.technical.parties.models import Organisation, Person
from finmart.centres.technical.parties.queries import organisation_ref
from finmart.centres.technical.parties.types import (
    OrganisationKind,
    OrganisationRef,
    PartiesAct,
    PersonRef,
    UnableToRegister,
)
from finmart.kit import clock, crypto, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal
from finmart.kit.ids import new_uuid


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
        with transactions.opened():
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
        username=rules.normal_username(username),
        full_name=rules.normal_person_name(full_name),
        email=email,
        password=make_password(password),
        registered_at=clock.now(),
        is_example=is_example,
    )
    return _saved(actor, person, UnableToRegister("该登录名已被使用", field="username", remedy="请换一个登录名"))


def register_borrower(
    actor: Actor, *, full_name: str, identity_number: str, phone: str = "", is_example: bool = False
) -> PersonRef:
    """Register a natural person as a party, without an account, by identity number (GB 11643).

    The number itself is not kept: a keyed digest recognises the person again, a masked form is shown.
    Raises Refusal where the number is wrong, UnableToRegister where the person is registered.
    """
    transactions.require()
    if not policies.can_register_organisation(actor):
        raise AccessDenied("您无权登记自然人")
    number = rules.normal_identity_number(identity_number)
    taken = UnableToRegister("该身份证号码已登记", field="identity_number")
    known_as = crypto.blind_digests("parties.person.identity_number", number)
    earlier = salted_hmac("parties.identity", number, algorithm="sha256").hexdigest()  # before there were index keys
    if Person.objects.filter(identity_digest__in=[*known_as, earlier]).exists():
        raise taken
    uuid = new_uuid()
    person = Person(
        uuid=uuid,
        username=f"borrower-{uuid.hex[:20]}",
        full_name=rules.normal_person_name(full_name),
        phone=phone,
        password=make_password(None),
        identity_digest=known_as[0],
        identity_masked=rules.masked_identity(number),
        registered_at=clock.now(),
        is_example=is_example,
    )
    return _saved(actor, person, taken)


def change_password(actor: Actor, *, old: str, new: str) -> None:
    """Change the actor's own password. Raises Refusal where the old one is wrong or the new one too weak."""
    transactions.require()
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if person is None:
        raise AccessDenied("请先登录")
    if not check_password(old, person.password):
        raise Refusal("原密码不正确", field="old", remedy="请重新填写")
    try:
        password_validation.validate_password(new, person)
    except ValidationError as error:
        raise Refusal("；".join(error.messages).rstrip("。"), field="new") from error
    person.password = make_password(new)
    person.save(update_fields=["password"])
    audit_operations.record(actor, PartiesAct.PERSON_CHANGE_PASSWORD, f"person:{person.uuid}")


def _saved(actor: Actor, person: Person, taken: UnableToRegister) -> PersonRef:
    try:
        with transactions.opened():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise taken from error
    audit_operations.record(actor, PartiesAct.PERSON_REGISTER, f"person:{person.uuid}")
    return PersonRef(person.pk, person.full_name)
