"""Organisations and people, made through operations."""

from itertools import count

from stdnum.cn import uscc

from finmart.centres.technical.parties import operations, queries
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef, Role
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("factory")
_numbers = count(1)


def credit_code() -> str:
    """Return a valid credit code nobody has yet (of a made-up district)."""
    stem = f"91320500{next(_numbers):09d}"
    return stem + uscc.calc_check_digit(stem)


def organisation(kind: OrganisationKind = OrganisationKind.ENTERPRISE, name: str = "") -> OrganisationRef:
    return operations.register_organisation(
        SYSTEM, kind=kind, name=name or f"{kind.label}样例{next(_numbers)}", credit_code=credit_code(), is_example=True
    )


def member(of: OrganisationRef, *roles: Role, full_name: str = "张三") -> Actor:
    """Return the actor of a new person with these roles in the organisation."""
    person = operations.register_person(
        SYSTEM, username=f"member{next(_numbers)}", full_name=full_name, password=None, is_example=True
    )
    operations.add_member(SYSTEM, person_id=person.id, organisation_id=of.id, roles=list(roles))
    return queries.actor_for(person.id)


def enterprise(*roles: Role, name: str = "") -> Actor:
    """Return somebody of a new firm, a clerk where no role is named."""
    return member(organisation(OrganisationKind.ENTERPRISE, name), *(roles or [Role.ENTERPRISE_CLERK]))


def bank(*roles: Role, name: str = "") -> Actor:
    """Return somebody of a new bank, an account manager where no role is named."""
    return member(organisation(OrganisationKind.BANK, name), *(roles or [Role.INSTITUTION_ACCOUNT_MANAGER]))


def guarantor() -> Actor:
    """Return an account manager of a new guarantor."""
    return member(organisation(OrganisationKind.GUARANTOR), Role.INSTITUTION_ACCOUNT_MANAGER)


def operator(*roles: Role) -> Actor:
    """Return somebody of a new operator."""
    return member(organisation(OrganisationKind.OPERATOR), *(roles or [Role.OPERATOR]))


def colleague(of: Actor, *roles: Role) -> Actor:
    """Return another member of the same organisation, by default with the same roles."""
    assert of.organisation_id is not None
    return member(queries.organisation(of.organisation_id), *(roles or [Role(code) for code in of.roles]))


def person(full_name: str = "李四") -> Actor:
    """Return a natural person who belongs to no organisation."""
    made = operations.register_person(
        SYSTEM, username=f"member{next(_numbers)}", full_name=full_name, password=None, is_example=True
    )
    return queries.actor_for(made.id)
