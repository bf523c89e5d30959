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
        SYSTEM, username=f"person{next(_numbers)}", full_name=full_name, password=None, is_example=True
    )
    operations.add_member(SYSTEM, person_id=person.id, organisation_id=of.id, roles=list(roles))
    return queries.actor_for(person.id)
