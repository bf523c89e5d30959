"""Who is who, and who may act for whom."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from finmart.centres.technical.parties.models import Deputy, Mandate, Membership, Organisation, Person
from finmart.centres.technical.parties.types import MandateScope, OrganisationRef, PersonRef, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A place a person may act from."""

    id: int
    organisation: OrganisationRef
    person: PersonRef
    roles: tuple[str, ...]

    @property
    def role_labels(self) -> str:
        return "、".join(Role(code).label for code in self.roles)


def organisation_ref(organisation: Organisation) -> OrganisationRef:
    return OrganisationRef(
        id=organisation.pk,
        uuid=organisation.uuid,
        name=organisation.name,
        kind=organisation.kind,
        credit_code=organisation.credit_code,
        district=organisation.district,
        is_example=organisation.is_example,
    )


def _memberships() -> QuerySet[Membership]:
    return Membership.objects.filter(valid_to=None, person__is_active=True).select_related("organisation", "person")


def _row(member: Membership) -> MembershipRow:
    return MembershipRow(
        id=member.pk,
        organisation=organisation_ref(member.organisation),
        person=PersonRef(member.person_id, member.person.full_name),
        roles=tuple(member.roles),
    )


def actor_for(person_id: int, *, membership_id: int | None = None, trace_id: str = "") -> Actor:
    """Return the actor of a signed-in person: in the chosen membership, else in the first one, else alone."""
    rows = list(_memberships().filter(person_id=person_id).order_by("pk"))
    member = next((row for row in rows if row.pk == membership_id), rows[0] if rows else None)
    if member is None:
        person = Person.objects.get(pk=person_id)
        return Actor(person_id=person_id, person_name=person.full_name, trace_id=trace_id)
    return Actor(
        person_id=person_id,
        person_name=member.person.full_name,
        organisation_id=member.organisation_id,
        organisation_name=member.organisation.name,
        organisation_kind=member.organisation.kind,
        roles=frozenset(member.roles),
        trace_id=trace_id,
    )


def memberships_of(person_id: int) -> list[MembershipRow]:
    """Return the places a person may act from, oldest first."""
    return [_row(member) for member in _memberships().filter(person_id=person_id).order_by("pk")]


def members_with_role(organisation_id: int, *roles: str) -> list[PersonRef]:
    """Return the active members of an organisation who hold any of the roles (all members where none is named)."""
    members = _memberships().filter(organisation_id=organisation_id)
    if roles:
        members = members.filter(roles__overlap=list(roles))
    return [PersonRef(member.person_id, member.person.full_name) for member in members.order_by("pk")]


def organisation(organisation_id: int) -> OrganisationRef:
    """Return one organisation. Raises NotFound."""
    return organisations([organisation_id])[0]


def organisations(ids: Iterable[int]) -> list[OrganisationRef]:
    """Return organisations in the order of ``ids``. Raises NotFound where one is missing."""
    wanted = list(ids)
    found = {row.pk: row for row in Organisation.objects.filter(pk__in=wanted)}
    if len(found) < len(set(wanted)):
        raise NotFound("没有找到该机构")
    return [organisation_ref(found[key]) for key in wanted]


def organisation_by_credit_code(credit_code: str) -> OrganisationRef | None:
    found = Organisation.objects.filter(credit_code=credit_code).first()
    return organisation_ref(found) if found else None


def ids_by_credit_code(credit_codes: Iterable[str]) -> dict[str, int]:
    """Return credit code → organisation id for those that are registered."""
    return dict(Organisation.objects.filter(credit_code__in=list(credit_codes)).values_list("credit_code", "id"))


def persons(ids: Iterable[int]) -> dict[int, PersonRef]:
    """Return id → person for the ids that exist."""
    return {row.pk: PersonRef(row.pk, row.full_name) for row in Person.objects.filter(pk__in=list(ids))}


def can_sign_for(person_id: int, organisation_id: int, scope: MandateScope) -> bool:
    """Does the person hold a mandate, today, to sign this kind of document for the organisation?"""
    now = clock.now()
    return (
        Mandate.objects.filter(
            person_id=person_id,
            organisation_id=organisation_id,
            scope__in=[scope, MandateScope.ALL],
            valid_from__lte=now,
        )
        .filter(Q(valid_to=None) | Q(valid_to__gt=now))
        .exists()
    )


def absent_persons_of(actor: Actor) -> list[int]:
    """Return the ids of colleagues for whom the actor stands in at this moment."""
    if actor.person_id is None or actor.organisation_id is None:
        return []
    now = clock.now()
    return list(
        Deputy.objects.filter(
            deputy_id=actor.person_id,
            organisation_id=actor.organisation_id,
            valid_from__lte=now,
            valid_to__gt=now,
        ).values_list("absent_id", flat=True)
    )


def email_addresses(ids: Iterable[int]) -> dict[int, str]:
    """Return id → e-mail address for the active people who gave one. Only for sending to them, never for showing."""
    rows = Person.objects.filter(pk__in=list(ids), is_active=True).exclude(email="")
    return dict(rows.values_list("pk", "email"))
