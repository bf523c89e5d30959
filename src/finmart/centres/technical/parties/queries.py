"""Who is who, and who may act for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from finmart.centres.technical.parties import policies, rules
from finmart.centres.technical.parties.models import (
    ConflictOfInterest,
    Deputy,
    Mandate,
    Membership,
    Organisation,
    Person,
)
from finmart.centres.technical.parties.types import (
    ConflictRow,
    DeputyRow,
    MandateRow,
    MandateScope,
    MemberRow,
    Members,
    OrganisationKind,
    OrganisationRef,
    PersonContact,
    PersonRef,
    Role,
)
from finmart.kit import clock, crypto, sql
from finmart.kit.actor import PERSON, Actor
from finmart.kit.errors import AccessDenied, NotFound

# What every step of every process asks, by hand: building the statement costs the object mapper more than the answer.
_MEMBERS_WITH_ROLE = """
SELECT m.person_id, p.full_name, p.uuid FROM parties_membership m JOIN parties_person p ON p.id = m.person_id
WHERE m.organisation_id = %s AND m.valid_to IS NULL AND p.is_active AND (%s OR m.roles && %s::varchar[]) ORDER BY m.id
"""
_ORGANISATIONS = """
SELECT id, uuid, name, kind, credit_code, district, is_example FROM parties_organisation WHERE id = ANY(%s)
"""
_ADDRESSES = """
SELECT m.organisation_id, m.roles, m.person_id, p.email, p.uuid
FROM parties_membership m JOIN parties_person p ON p.id = m.person_id
WHERE m.organisation_id = ANY(%s) AND m.valid_to IS NULL AND p.is_active AND m.roles && %s::varchar[] ORDER BY m.id
"""
_CAN_SIGN = """
SELECT 1 FROM parties_mandate WHERE organisation_id = %(organisation)s AND person_id = %(person)s
  AND scope IN (%(scope)s, %(all)s) AND valid_from <= %(now)s AND (valid_to IS NULL OR valid_to > %(now)s) LIMIT 1
"""

# Read with the memberships, not after them: who decides is known without a further statement.
_TIED = ArraySubquery(
    ConflictOfInterest.objects.filter(person_id=OuterRef("person_id"), valid_to=None).values("organisation_id")
)


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
    rows: list[Any] = list(_memberships().filter(person_id=person_id).annotate(tied=_TIED).order_by("pk"))
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
        conflicts=frozenset({*member.tied, *(row.organisation_id for row in rows)} - {member.organisation_id}),
    )


def persons_tied_to(organisation_ids: Iterable[int], among: Iterable[int]) -> set[int]:
    """Return those of ``among`` who are members of any of the organisations or have an interest in one on record."""
    asked = {"organisation_id__in": list(organisation_ids), "person_id__in": list(among), "valid_to": None}
    members = Membership.objects.filter(**asked).values_list("person_id", flat=True)
    return set(members) | set(ConflictOfInterest.objects.filter(**asked).values_list("person_id", flat=True))


def conflicts_for(actor: Actor) -> list[ConflictRow]:
    """Return interests on record: of the whole organisation to who manages its people, else the actor's own."""
    organisation_id = _own_organisation(actor)
    rows = ConflictOfInterest.objects.filter(valid_to=None).select_related("person", "organisation", "recorded_by")
    if policies.can_manage_members(actor, organisation_id):
        rows = rows.filter(person__memberships__organisation_id=organisation_id, person__memberships__valid_to=None)
    else:
        rows = rows.filter(person_id=actor.person_id or 0)
    return [
        ConflictRow(
            id=row.pk,
            person=PersonRef(row.person_id, row.person.full_name),
            organisation_name=row.organisation.name,
            kind=row.kind,
            note=row.note,
            recorded_by=row.recorded_by.full_name if row.recorded_by else "平台系统",
            valid_from=row.valid_from,
            can_end=policies.can_end_conflict(actor, row.person_id),
        )
        for row in rows.order_by("person_id", "pk")
    ]


def memberships_of(person_id: int) -> list[MembershipRow]:
    """Return the places a person may act from, oldest first."""
    return [_row(member) for member in _memberships().filter(person_id=person_id).order_by("pk")]


def members_with_role(organisation_id: int, *roles: str) -> list[PersonRef]:
    """Return the active members of an organisation who hold any of the roles (all members where none is named)."""
    rows = sql.rows(_MEMBERS_WITH_ROLE, [organisation_id, not roles, list(roles)])
    return [PersonRef(person_id, crypto.opened(Person, "full_name", name, uuid)) for person_id, name, uuid in rows]


def operators_with_role(*roles: str) -> list[PersonRef]:
    """Return the active people of the platform's operator who hold any of the roles; to tell them something."""
    rows = _memberships().filter(organisation__kind=OrganisationKind.OPERATOR, roles__overlap=list(roles))
    return [PersonRef(row.person_id, row.person.full_name) for row in rows.order_by("pk")]


def organisation(organisation_id: int) -> OrganisationRef:
    """Return one organisation. Raises NotFound."""
    return organisations([organisation_id])[0]


def organisations(ids: Iterable[int]) -> list[OrganisationRef]:
    """Return organisations in the order of ``ids``. Raises NotFound where one is missing."""
    wanted = list(ids)
    found = {row[0]: OrganisationRef(*row) for row in sql.rows(_ORGANISATIONS, [wanted])} if wanted else {}
    if len(found) < len(set(wanted)):
        raise NotFound("没有找到该机构")
    return [found[key] for key in wanted]


def ids_of_kind(kind: OrganisationKind) -> list[int]:
    """Return the ids of all organisations of a kind, oldest first; for telling them."""
    return list(Organisation.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True))


def organisation_by_credit_code(credit_code: str) -> OrganisationRef | None:
    found = Organisation.objects.filter(credit_code=credit_code).first()
    return organisation_ref(found) if found else None


def organisations_of_kind(kind: OrganisationKind) -> list[OrganisationRef]:
    """Return all organisations of one kind, the oldest first."""
    return [organisation_ref(one) for one in Organisation.objects.filter(kind=kind).order_by("pk")]


def ids_by_credit_code(credit_codes: Iterable[str]) -> dict[str, int]:
    """Return credit code → organisation id for those that are registered."""
    return dict(Organisation.objects.filter(credit_code__in=list(credit_codes)).values_list("credit_code", "id"))


def persons(ids: Iterable[int]) -> dict[int, PersonRef]:
    """Return id → person for the ids that exist."""
    return {row.pk: PersonRef(row.pk, row.full_name) for row in Person.objects.filter(pk__in=list(ids))}


def shown(labels: Iterable[str]) -> dict[str, str]:
    """Return label (``Actor.label``, as records keep it) → what people read: the person's name, or the label itself."""
    wanted = set(labels)
    ids = {int(one.removeprefix(PERSON)) for one in wanted if one.startswith(PERSON)}
    names = {f"{PERSON}{key}": one.full_name for key, one in persons(ids).items()} if ids else {}
    return {one: names.get(one, one) for one in wanted}


def can_sign_for(person_id: int, organisation_id: int, scope: MandateScope) -> bool:
    """Does the person hold a mandate, today, to sign this kind of document for the organisation?"""
    asked = {
        "organisation": organisation_id, "person": person_id, "scope": scope, "all": MandateScope.ALL,
        "now": clock.now(),
    }  # fmt: skip
    return bool(sql.rows(_CAN_SIGN, asked))


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
    """Return id → e-mail address for the active people who gave one. Only for sending to them, never for showing.

    Addresses under ``.invalid`` (RFC 2606), as the sample city has them, reach nobody and are left out.
    """
    rows = Person.objects.filter(pk__in=list(ids), is_active=True)
    return {row.pk: row.email for row in rows if rules.is_reachable(row.email)}


def addresses_of(groups: Collection[Members]) -> dict[Members, dict[int, str]]:
    """Return for each group its people's ids, oldest member first, with what :func:`email_addresses` has or ``""``."""
    asked = [
        [*{group.organisation_id for group in groups}],
        [*{role for group in groups for role in group.roles}],
    ]
    rows = sql.rows(_ADDRESSES, asked)
    given = {person_id: crypto.opened(Person, "email", email, uuid) for _, _, person_id, email, uuid in rows}
    return {
        group: {
            person_id: given[person_id] if rules.is_reachable(given[person_id]) else ""
            for organisation_id, roles, person_id, *_ in rows
            if organisation_id == group.organisation_id and not set(group.roles).isdisjoint(roles)
        }
        for group in groups
    }


def members_for(actor: Actor) -> list[MemberRow]:
    """Return the people of the actor's organisation with what the actor may do to each. Raises AccessDenied."""
    organisation_id = _own_organisation(actor)
    manages = policies.can_manage_members(actor, organisation_id)
    return [
        MemberRow(
            membership_id=member.pk,
            person=PersonRef(member.person_id, member.person.full_name),
            username=member.person.username,
            roles=tuple(member.roles),
            valid_from=member.valid_from,
            can_change=manages and Role.ENTERPRISE_LEGAL_PERSON not in member.roles,
            can_end=manages
            and member.person_id != actor.person_id
            and (Role.ENTERPRISE_LEGAL_PERSON not in member.roles or policies.can_name_legal_person(actor)),
        )
        for member in _memberships().filter(organisation_id=organisation_id).order_by("pk")
    ]


def roles_offered_to(actor: Actor) -> list[Role]:
    """Return the roles the actor may give to people of the organisation acted for."""
    offered = rules.roles_open_to(actor.organisation_kind)
    if not policies.can_name_legal_person(actor):
        offered -= {Role.ENTERPRISE_LEGAL_PERSON}
    return sorted(offered)


def mandates_for(actor: Actor) -> list[MandateRow]:
    """Return the mandates in force in the actor's organisation: all for who grants them, else the actor's own."""
    organisation_id = _own_organisation(actor)
    now = clock.now()
    grants = policies.can_grant_mandate(actor, organisation_id)
    mandates = (
        Mandate.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), organisation_id=organisation_id)
        .select_related("person", "granted_by")
        .order_by("pk")
    )
    if not grants:
        mandates = mandates.filter(person=actor.person_id)
    return [_mandate_row(mandate) for mandate in mandates]


def _mandate_row(mandate: Mandate) -> MandateRow:
    own_right = mandate.granted_by_id is None and mandate.valid_to is None
    return MandateRow(
        id=mandate.pk,
        person=PersonRef(mandate.person_id, mandate.person.full_name),
        scope=mandate.scope,
        granted_by=mandate.granted_by.full_name if mandate.granted_by else "",
        valid_from=mandate.valid_from,
        valid_to=mandate.valid_to,
        is_own_right=own_right,
        can_revoke=not own_right,
    )


def deputies_for(actor: Actor) -> list[DeputyRow]:
    """Return stand-ins that have not ended: all of the organisation for who manages it, else those of the actor."""
    organisation_id = _own_organisation(actor)
    now = clock.now()
    rows = Deputy.objects.filter(organisation_id=organisation_id, valid_to__gt=now).select_related("absent", "deputy")
    if not policies.can_manage_members(actor, organisation_id):
        rows = rows.filter(Q(absent=actor.person_id) | Q(deputy=actor.person_id))
    return [
        DeputyRow(
            id=row.pk,
            absent=PersonRef(row.absent_id, row.absent.full_name),
            deputy=PersonRef(row.deputy_id, row.deputy.full_name),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            has_begun=row.valid_from <= now,
            can_end=policies.can_end_deputy(actor, absent_id=row.absent_id, organisation_id=organisation_id),
        )
        for row in rows.order_by("valid_from", "pk")
    ]


def can_grant_mandates(actor: Actor) -> bool:
    """May the actor let others sign for the organisation acted for?"""
    return actor.organisation_id is not None and policies.can_grant_mandate(actor, actor.organisation_id)


def can_manage_members(actor: Actor) -> bool:
    """May the actor add and remove people of the organisation acted for?"""
    return actor.organisation_id is not None and policies.can_manage_members(actor, actor.organisation_id)


def person_named(username: str, full_name: str) -> PersonRef | None:
    """Return the person with this name to sign in with, only to who also knows the full name."""
    found = Person.objects.filter(username=username.strip().lower()).first()
    return PersonRef(found.pk, found.full_name) if found and found.full_name == full_name.strip() else None


def _own_organisation(actor: Actor) -> int:
    if actor.organisation_id is None:
        raise AccessDenied("请先选择机构", remedy="您的账户尚未加入任何机构，请联系机构管理人员添加")
    return actor.organisation_id


def contacts_of(organisation_ids: Iterable[int], roles: Iterable[str]) -> list[PersonContact]:
    """Return active members with any of the roles and how to reach them. Unmasked: for centres, not for pages."""
    rows = _memberships().filter(organisation_id__in=list(organisation_ids), roles__overlap=list(roles))
    return [
        PersonContact(
            id=row.person_id,
            uuid=row.person.uuid,
            full_name=row.person.full_name,
            phone=row.person.phone,
            email=row.person.email,
            organisation_id=row.organisation_id,
            roles=tuple(row.roles),
        )
        for row in rows.order_by("pk")
    ]


def seats_of(organisation_ids: Iterable[int]) -> list[tuple[OrganisationRef, str]]:
    """Return organisations with their addresses. Unmasked: for centres, not for pages."""
    rows = Organisation.objects.filter(pk__in=list(organisation_ids)).order_by("pk")
    return [(organisation_ref(row), row.address) for row in rows]


def own_contact(actor: Actor) -> PersonContact:
    """Return what the platform keeps of the actor. Raises AccessDenied to visitors."""
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    if person is None:
        raise AccessDenied("请先登录")
    return PersonContact(
        person.pk, person.uuid, person.full_name, person.phone, person.email, actor.organisation_id or 0,
        tuple(actor.roles),
    )  # fmt: skip
