"""Cases, timelines and messages, each as the actor may see them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from finmart.centres.business.cases import policies
from finmart.centres.business.cases.models import Case, Message, Party, TimelineEntry
from finmart.centres.business.cases.types import (
    CONTACT_ROLES,
    PLATFORM,
    CaseFilter,
    CasePage,
    CaseRef,
    CaseRow,
    CasesAct,
    CaseState,
    CaseView,
    ContactView,
    MessageLine,
    PartyContacts,
    PartyView,
    TimelineLine,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.masking.types import Target, TargetKind
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationRef, PersonContact, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.grades import Shape

PAGE_SIZE = 20  # a default of ours
LONGEST_TIMELINE = 500
SMALLEST_PUBLIC_COUNT = 10  # a default of ours


def case_ref(case: Case) -> CaseRef:
    return CaseRef(case.pk, case.uuid, case.number, case.kind, case.title, case.state)


def case_for(actor: Actor, number: str) -> CaseView:
    """Return a case by its number. Raises NotFound for strangers as for numbers that do not exist."""
    return _view(actor, _uuid(actor, number))


def case_by_uuid_for(actor: Actor, case_uuid: UUID) -> CaseView:
    """Return a case by its uuid. Raises NotFound."""
    return _view(actor, case_uuid)


def state_for(actor: Actor, case_uuid: UUID) -> CaseState:
    """Return how far a case has come. Raises NotFound."""
    return CaseState(_known(actor, case_uuid)[0].case.state)


def number_for(actor: Actor, case_uuid: UUID) -> str:
    """Return the number people know a case by. Raises NotFound."""
    return _known(actor, case_uuid)[0].case.number


def active_parties_for(actor: Actor, case_uuid: UUID) -> tuple[PartyView, ...]:
    """Return the parties of this moment. Raises NotFound."""
    return _party_views(actor, _active(_known(actor, case_uuid)))


def cases_for(actor: Actor, narrowed: CaseFilter | None = None, *, page: int = 1, size: int = PAGE_SIZE) -> CasePage:
    """Return one page of the actor's cases, newest first; a page beyond the end shows the final one."""
    chosen = _narrowed(policies.visible_cases(actor), narrowed or CaseFilter())
    total = chosen.count()
    number = min(max(page, 1), max(1, -(-total // size)))
    cases = list(
        chosen.order_by("-opened_at", "-id").prefetch_related(_parties_of_now())[(number - 1) * size : number * size]
    )
    unread = _unread_counts(actor, [case.pk for case in cases])
    rows = tuple(
        CaseRow(case_ref(case), case.opened_at, _party_views(actor, case.parties.all()), unread.get(case.pk, 0))
        for case in cases
    )
    return CasePage(rows, total, number, size)


def count_cases_for(actor: Actor, narrowed: CaseFilter | None = None) -> int:
    """Return how many cases :func:`cases_for` would list."""
    return _narrowed(policies.visible_cases(actor), narrowed or CaseFilter()).count()


def count_for_public() -> int | None:
    """Return how many cases the platform has carried; None while so few that they could point at somebody (F2)."""
    count = Case.objects.count()
    return count if count >= SMALLEST_PUBLIC_COUNT else None


def refs_for(actor: Actor, case_uuids: Iterable[UUID]) -> dict[UUID, CaseRef]:
    """Return uuid → case for those of the uuids the actor may know of."""
    return {case.uuid: case_ref(case) for case in policies.visible_cases(actor).filter(uuid__in=list(case_uuids))}


def timeline_for(actor: Actor, number: str) -> list[TimelineLine]:
    """Return the newest lines first (at most 500): those for all parties and those of the own organisation."""
    lines = policies.visible_lines(actor).filter(case__in=_numbered(actor, number)).select_related("organisation")
    newest = list(lines.order_by("-at", "-id")[:LONGEST_TIMELINE])
    if not newest:
        _uuid(actor, number)
    names = parties_queries.shown(line.actor_label for line in newest)
    return [
        TimelineLine(
            at=line.at,
            kind=line.kind,
            actor_label=_label(actor, line, names[line.actor_label]),
            organisation_name=line.organisation.name if line.organisation else "",
            text=line.text,
            is_internal=line.visible_to_id is not None,
            document_uuid=line.document_uuid,
            process_event=line.process_event,
        )
        for line in newest
    ]


def messages_for(actor: Actor, number: str) -> list[MessageLine]:
    """Return the messages the actor may read, oldest first (the newest 500).

    Raises NotFound for strangers and AccessDenied for an operator who takes no part in the case.
    """
    messages = (
        policies.visible_messages(actor)
        .filter(case__in=_numbered(actor, number))
        .annotate(is_read=Exists(policies.readings(actor)))
        .select_related("sender", "sender_organisation", "recipient__organisation", "recipient__person")
    )
    newest = list(messages.order_by("-sent_at", "-id")[:LONGEST_TIMELINE])
    if not newest and not policies.is_party(actor, _active(policies.parties_of(_uuid(actor, number)))):
        raise AccessDenied("只有案件参与方可以查看消息")
    return [_message_line(actor, message, is_read=message.is_read) for message in reversed(newest)]


def papers_for(actor: Actor, number: str) -> list[UUID]:
    """Return the uuids of the documents the timeline of a case names, filed ones among them, oldest first.

    Which of them the actor may read, documents says. Raises NotFound.
    """
    lines = policies.visible_lines(actor).filter(case__in=_numbered(actor, number), document_uuid__isnull=False)
    found = [uuid for uuid in lines.order_by("pk").values_list("document_uuid", flat=True) if uuid]
    if not found:
        _uuid(actor, number)
    return list(dict.fromkeys(found))


def _label(actor: Actor, line: TimelineEntry, name: str) -> str:
    if line.actor_label == PLATFORM:
        return PLATFORM
    return masking_queries.name_of_partner(actor, name, organisation_id=line.organisation_id)


def _numbered(actor: Actor, number: str) -> QuerySet[Case]:
    return policies.visible_cases(actor).filter(number=number)


def _uuid(actor: Actor, number: str) -> UUID:
    found = _numbered(actor, number).values_list("uuid", flat=True).first()
    if found is None:
        raise _not_found()
    return found


def _not_found() -> NotFound:
    return NotFound("没有找到该案件", remedy="请核对案件编号；您只能查看本单位参与的案件")


def _active(parties: Iterable[Party]) -> list[Party]:
    return [party for party in parties if party.left_at is None]


def _known(actor: Actor, case_uuid: UUID) -> list[Party]:
    """Return all parties of a case. Raises NotFound."""
    parties = policies.parties_of(case_uuid)
    if not policies.can_know(actor, _active(parties)):
        raise _not_found()
    return parties


def _view(actor: Actor, case_uuid: UUID) -> CaseView:
    parties = _known(actor, case_uuid)
    active, case = _active(parties), parties[0].case
    return CaseView(
        ref=case_ref(case),
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        archived_at=case.archived_at,
        closing_reason=case.closing_reason,
        parties=_party_views(actor, parties),
        unread=policies.unread_messages(actor).filter(case=case).count() if policies.is_party(actor, active) else 0,
        acts=_acts(actor, case, active),
    )


def _acts(actor: Actor, case: Case, active: Sequence[Party]) -> frozenset[CasesAct]:
    is_open, is_archived = case.state == CaseState.OPEN, case.state == CaseState.ARCHIVED
    asked = {
        CasesAct.MESSAGE_READ: policies.is_party(actor, active),
        CasesAct.MESSAGE_POST: not is_archived and policies.can_post(actor, active),
        CasesAct.DOCUMENT_FILE: not is_archived and policies.can_file(actor, active),
        CasesAct.CASE_NOTE: not is_archived and policies.can_note(actor, active),
        CasesAct.PARTY_ADD: is_open and policies.can_manage_parties(actor, active),
        CasesAct.PARTY_REMOVE: is_open and policies.can_manage_parties(actor, active),
        CasesAct.CASE_CLOSE: is_open and policies.can_close(actor, active),
        CasesAct.CASE_ARCHIVE: case.state == CaseState.CLOSED and policies.can_archive(actor, active),
    }
    return frozenset(act for act, allowed in asked.items() if allowed)


def _party_views(actor: Actor, parties: Iterable[Party]) -> tuple[PartyView, ...]:
    return tuple(
        PartyView(
            uuid=party.uuid,
            role=party.role,
            name=_party_name(actor, party),
            organisation_id=party.organisation_id,
            person_id=party.person_id,
            joined_at=party.joined_at,
            left_at=party.left_at,
            is_own=policies.acts_for(actor, party),
        )
        for party in parties
    )


def _party_name(actor: Actor, party: Party) -> str:
    if party.person_id is None:
        return party.name
    return masking_queries.name_of_partner(actor, party.name, organisation_id=None, person_id=party.person_id)


def _parties_of_now() -> "Prefetch[str]":
    return Prefetch(
        "parties", Party.objects.filter(left_at=None).select_related("organisation", "person").order_by("pk")
    )


def _narrowed(cases: QuerySet[Case], narrowed: CaseFilter) -> QuerySet[Case]:
    if narrowed.state:
        cases = cases.filter(state=narrowed.state)
    if narrowed.kind:
        cases = cases.filter(kind=narrowed.kind)
    text = narrowed.text.strip()
    if text:
        named = Party.objects.filter(case=OuterRef("pk"), left_at=None, organisation__name__icontains=text)
        cases = cases.filter(Q(number__icontains=text) | Q(title__icontains=text) | Exists(named))
    if narrowed.opened_from:
        cases = cases.filter(opened_at__gte=datetime.combine(narrowed.opened_from, time(), clock.CITY_ZONE))
    if narrowed.opened_to:
        after = datetime.combine(narrowed.opened_to + timedelta(days=1), time(), clock.CITY_ZONE)
        cases = cases.filter(opened_at__lt=after)
    return cases


def _unread_counts(actor: Actor, case_ids: list[int]) -> dict[int, int]:
    counted = (
        policies.unread_messages(actor).filter(case_id__in=case_ids).values("case_id").annotate(number=Count("pk"))
    )
    return {row["case_id"]: row["number"] for row in counted}


def _message_line(actor: Actor, message: Message, *, is_read: bool) -> MessageLine:
    own_side = actor.organisation_id is not None and message.sender_organisation_id == actor.organisation_id
    return MessageLine(
        uuid=message.uuid,
        sent_at=message.sent_at,
        sender=masking_queries.name_of_partner(
            actor, message.sender.full_name, organisation_id=message.sender_organisation_id, person_id=message.sender_id
        ),
        sender_organisation=message.sender_organisation.name if message.sender_organisation else "",
        recipient=_party_name(actor, message.recipient) if message.recipient else "",
        text=message.text,
        is_own=own_side or message.sender_id == actor.person_id,
        is_unread=not is_read and message.sender_id != actor.person_id,
    )


def contacts_for(actor: Actor, number: str) -> tuple[PartyContacts, ...]:
    """Return whom to turn to at each organisation that takes part now, masked for this actor. Raises NotFound."""
    parties = [party for party in _active(_known(actor, _uuid(actor, number))) if party.organisation_id is not None]
    ids = [*dict.fromkeys(party.organisation_id for party in parties if party.organisation_id is not None)]
    people, open_now = parties_queries.contacts_of(ids, CONTACT_ROLES), masking_queries.open_for(actor)
    return tuple(
        _contacts(
            actor, organisation, address, [one for one in people if one.organisation_id == organisation.id], open_now
        )
        for organisation, address in parties_queries.seats_of(ids)
    )


def unmask_target(actor: Actor, number: str, uuid: UUID) -> Target:
    """Return what an actor asks to see in full: a person to turn to, or an organisation's address. Raises NotFound."""
    parties = [party.organisation_id for party in _active(_known(actor, _uuid(actor, number)))]
    ids = [one for one in parties if one is not None]
    for organisation, _ in parties_queries.seats_of(ids):
        viewer = masking_queries.viewer_of(actor, organisation_id=organisation.id, is_partner=True)
        if organisation.uuid == uuid:
            return Target(TargetKind.ORGANISATION, uuid, Shape.ADDRESS, viewer, None, organisation.id)
    for one in parties_queries.contacts_of(ids, CONTACT_ROLES):
        if one.uuid == uuid:
            viewer = masking_queries.viewer_of(
                actor, person_id=one.id, organisation_id=one.organisation_id, is_partner=True
            )
            return Target(TargetKind.PERSON, uuid, Shape.PHONE, viewer, one.id, one.organisation_id)
    raise NotFound("没有找到该联系人")


def _contacts(
    actor: Actor,
    organisation: OrganisationRef,
    address: str,
    people: Iterable[PersonContact],
    open_now: Mapping[UUID, datetime],
) -> PartyContacts:
    viewer = masking_queries.viewer_of(actor, organisation_id=organisation.id, is_partner=True)
    return PartyContacts(
        uuid=organisation.uuid,
        name=organisation.name,
        address=masking_queries.shown_or_open(Shape.ADDRESS, address, viewer, is_open=organisation.uuid in open_now),
        is_own=organisation.id == actor.organisation_id,
        may_unmask=bool(address) and masking_queries.can_unmask(Shape.ADDRESS, viewer),
        open_until=open_now.get(organisation.uuid),
        people=tuple(_contact(actor, one, open_now.get(one.uuid)) for one in people),
    )


def _contact(actor: Actor, one: PersonContact, open_until: datetime | None) -> ContactView:
    viewer = masking_queries.viewer_of(actor, person_id=one.id, organisation_id=one.organisation_id, is_partner=True)

    def shown(shape: Shape, text: str) -> str:
        return masking_queries.shown_or_open(shape, text, viewer, is_open=open_until is not None)

    return ContactView(
        uuid=one.uuid,
        name=shown(Shape.NAME, one.full_name),
        roles="、".join(Role(code).label for code in one.roles if code in CONTACT_ROLES),
        phone=shown(Shape.PHONE, one.phone),
        email=shown(Shape.EMAIL, one.email),
        may_unmask=bool(one.phone or one.email) and masking_queries.can_unmask(Shape.PHONE, viewer),
        open_until=open_until,
    )
