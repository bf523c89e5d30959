"""How a person can be reached, as the person says."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import rules
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import PartiesAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal


def change_contact(actor: Actor, *, phone: str, email: str) -> None:
    """Change the actor's own telephone number and e-mail address; empty removes one. Raises Refusal where wrong.

    The trail tells which changed, never the values.
    """
    transactions.require()
    person = Person.objects.select_for_update().filter(pk=actor.person_id or 0).first()
    if person is None:
        raise AccessDenied("请先登录")
    wanted = {"phone": rules.normal_phone(phone), "email": email.strip()}
    if wanted["email"]:
        try:
            validate_email(wanted["email"])
        except ValidationError as error:
            raise Refusal("电子邮箱格式不正确", field="email", remedy="例如 name@example.com") from error
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(person, name, wanted[name])
    person.save(update_fields=[*changed, *(f"{name}_index" for name in changed)])
    audit_operations.record(actor, PartiesAct.PERSON_CHANGE_CONTACT, f"person:{person.uuid}", changed=changed)
