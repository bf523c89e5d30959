"""Who may do what with a case. ``parties`` are those of this moment."""

from collections.abc import Collection, Iterable
from typing import Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField

from finmart.centres.business.cases.models import Case, Message, MessageReading, Party, TimelineEntry
from finmart.centres.business.cases.types import LEADING_ROLES, PartyRole
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.statements import Given, Statement

_PARTIES = Statement(
    lambda: (
        Party.objects.filter(case__uuid=Given("case", UUIDField()))
        .select_related("case", "organisation", "person")
        .order_by("pk")
    )
)


class TakingPart(Protocol):
    """A party, wherever it comes from."""

    @property
    def role(self) -> str: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def person_id(self) -> int | None: ...


def is_operator(actor: Actor) -> bool:
    """Is the actor staff of the platform's operator?"""
    return actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(
        Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
    )


def can_know_all(actor: Actor) -> bool:
    """May the actor know of every case (never of what its parties write to each other)?"""
    return bool(actor.system) or is_operator(actor)


def acts_for(actor: Actor, party: TakingPart) -> bool:
    """Does the actor act for this party: as a member of the organisation, or as the person?"""
    if party.organisation_id is not None:
        return party.organisation_id == actor.organisation_id
    return party.person_id is not None and party.person_id == actor.person_id


def is_party(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    return any(acts_for(actor, party) for party in parties)


def can_know(actor: Actor, parties: Collection[TakingPart]) -> bool:
    """May the actor know that the case of these parties exists? What :func:`visible_cases` asks of the database."""
    return bool(parties) and (can_know_all(actor) or is_party(actor, parties))


def can_open(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor open a case with these parties? Only one it takes part in."""
    return can_know_all(actor) or is_party(actor, parties)


def can_note(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor add a line to the timeline?"""
    return can_know_all(actor) or is_party(actor, parties)


def can_manage_parties(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor bring others in and let them go? The leading party, the operator and the system."""
    return can_know_all(actor) or is_party(actor, [p for p in parties if p.role in LEADING_ROLES])


def may_leave(party: TakingPart, others: Iterable[TakingPart]) -> bool:
    """May this party go? Whoever asks for something stays, and so does the only leading party."""
    if party.role in {PartyRole.APPLICANT, PartyRole.BORROWER}:
        return False
    return party.role not in LEADING_ROLES or any(other.role in LEADING_ROLES for other in others)


def can_post(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor write to the parties? Only one of them, and only a person."""
    return actor.person_id is not None and is_party(actor, parties)


def can_file(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor add a paper for all parties? Any of them, and the system for them."""
    return bool(actor.system) or is_party(actor, parties)


def can_close(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    """May the actor end the case? Any party does so through its own act (withdrawing, refusing, settling)."""
    return can_know_all(actor) or is_party(actor, parties)


def can_archive(actor: Actor, parties: Iterable[TakingPart]) -> bool:
    return can_manage_parties(actor, parties)


def _own(actor: Actor) -> Q:
    mine = Q(pk__in=[])
    if actor.organisation_id is not None:
        mine |= Q(organisation_id=actor.organisation_id)
    if actor.person_id is not None:
        mine |= Q(person_id=actor.person_id)
    return mine


def visible_cases(actor: Actor) -> QuerySet[Case]:
    """Return the cases whose existence the actor may know of."""
    if can_know_all(actor):
        return Case.objects.all()
    return Case.objects.filter(Exists(Party.objects.filter(_own(actor), case=OuterRef("pk"), left_at=None)))


def visible_lines(actor: Actor) -> QuerySet[TimelineEntry]:
    """Return the lines open to all parties and those of the actor's own organisation."""
    if actor.system:
        return TimelineEntry.objects.all()
    shown = Q(visible_to=None)
    if actor.organisation_id is not None:
        shown |= Q(visible_to_id=actor.organisation_id)
    return TimelineEntry.objects.filter(shown)


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """Return the messages to all, to the actor's side and from it, in cases where the actor takes part."""
    mine = Party.objects.filter(_own(actor), left_at=None)
    shown = Q(recipient=None) | Q(recipient__in=mine) | Q(sender_id=actor.person_id)
    if actor.organisation_id is not None:
        shown |= Q(sender_organisation_id=actor.organisation_id)
    return Message.objects.filter(shown, Exists(mine.filter(case=OuterRef("case"))))


def readings(actor: Actor) -> QuerySet[MessageReading]:
    """Return what this person has read, for a query over messages."""
    return MessageReading.objects.filter(message=OuterRef("pk"), person_id=actor.person_id or 0)


def unread_messages(actor: Actor) -> QuerySet[Message]:
    """Return what others wrote to the actor's side and this person has not read."""
    from_others = visible_messages(actor).exclude(sender_id=actor.person_id or 0)
    return from_others.exclude(Exists(readings(actor)))


def parties_of(case_uuid: UUID) -> list[Party]:
    """Return the parties of a case, gone ones among them, in the order they joined; none where there is no such case.

    Each has its case, organisation and person with it. One act asks again and again.
    """
    return transactions.remembered(_key(case_uuid), lambda: _PARTIES.all(case=case_uuid))


def forget(case_uuid: UUID) -> None:
    """Have the case and its parties read anew, because they were written."""
    transactions.forget(_key(case_uuid))


def _key(case_uuid: UUID) -> tuple[str, UUID]:
    return "cases:parties", case_uuid
