"""Opening, leading and closing a case; its timeline and its messages. Clauses B6, C5, P3."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from finmart.centres.business.cases import policies, queries, rules
from finmart.centres.business.cases.events import CaseArchived, CaseClosed, CaseOpened, MessagePosted
from finmart.centres.business.cases.models import Case, FiledDocument, Message, MessageReading, Party, TimelineEntry
from finmart.centres.business.cases.types import (
    PLATFORM,
    CaseKind,
    CaseParty,
    CaseRef,
    CasesAct,
    CaseState,
    PartyRole,
    TimelineKind,
    UnableToChangeCase,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import operations as documents_operations
from finmart.centres.technical.documents.types import Reader
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, events, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.ids import new_uuid
from finmart.kit.statements import insert, insert_unless_there

CASE_SERIES = "cases.number_series"  # a setting of the city's pack
KEEPER = "cases"
_CLOSE = "UPDATE cases_case SET state = %s, closed_at = %s, closing_reason = %s WHERE id = %s AND state = %s"
_ARCHIVE = "UPDATE cases_case SET state = %s, archived_at = %s WHERE id = %s AND state = %s"
_REOPEN = """
UPDATE cases_case SET state = %s, closed_at = NULL, archived_at = NULL, closing_reason = ''
WHERE id = %s AND state <> %s
"""
_NEXT = """
INSERT INTO cases_dayseries (series, day, latest) VALUES (%s, %s, 1)
ON CONFLICT (series, day) DO UPDATE SET latest = cases_dayseries.latest + 1 RETURNING latest
"""


def take_number(series: str) -> str:
    """Return the next number of a series today (city's day), ``SZ20200302-000123``; none is given out twice.

    Whoever takes one makes the others of that series wait until its transaction ends; a rolled-back number is
    given out again. ``series`` is one to eight capital letters.
    """
    transactions.require()
    day = clock.today()
    [(latest,)] = sql.rows(_NEXT, [series, day])
    return rules.number_of(series, day, latest)


def open(actor: Actor, *, kind: CaseKind, title: str, parties: Sequence[CaseParty]) -> CaseRef:  # noqa: A001 - the business word
    """Open a case with its first parties. Raises AccessDenied where the actor is not one of them."""
    transactions.require()
    if not parties:
        raise UnableToChangeCase("案件至少需要一个参与方", field="parties")
    if not policies.can_open(actor, parties):
        raise AccessDenied("您无权发起该案件")
    now = clock.now()
    case = Case(
        number=take_number(str(parameters_queries.value(CASE_SERIES))),
        kind=CaseKind(kind),
        title=rules.clean_text(title, field="title", longest=rules.LONGEST_TITLE),
        opened_at=now,
    )
    insert([case])
    insert(_new_parties(case, parties))
    policies.forget(case.uuid)
    _write(actor, case, TimelineKind.OPENED, f"案件 {case.number} 已立案")
    audit_operations.record(
        actor, CasesAct.CASE_OPEN, f"case:{case.uuid}", number=case.number, kind=case.kind,
        parties=[[str(p.role), p.organisation_id, p.person_id] for p in parties],
    )  # fmt: skip
    events.publish(CaseOpened(case.uuid, case.number, case.kind))
    return queries.case_ref(case)


def add_party(
    actor: Actor, case_uuid: UUID, *, role: PartyRole, organisation_id: int | None = None, person_id: int | None = None
) -> UUID:
    """Bring a party in and return its uuid. Raises Conflict where it already holds that role in the case."""
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_manage_parties(actor, active):
        raise AccessDenied("您无权增加案件参与方")
    _require_open(case)
    (party,) = _new_parties(case, [CaseParty(role, organisation_id, person_id)])
    if not insert_unless_there(party):
        raise Conflict("该参与方已在案件中")
    policies.forget(case.uuid)
    for document_uuid in case.papers.order_by("pk").values_list("document_uuid", flat=True):
        _share(actor, document_uuid, party)
    _write(actor, case, TimelineKind.PARTY, f"{party.public_name} 以{PartyRole(role).label}身份加入")
    audit_operations.record(
        actor, CasesAct.PARTY_ADD, f"case:{case.uuid}", party=str(party.uuid), role=str(role),
        organisation=organisation_id, person=person_id,
    )  # fmt: skip
    return party.uuid


def remove_party(actor: Actor, party_uuid: UUID, *, reason: str) -> None:
    """Let a party go; from now on it does not see the case. Borrower, applicant and the only leading party stay."""
    transactions.require()
    party = Party.objects.select_for_update(of=("self",)).select_related("case").filter(uuid=party_uuid).first()
    if party is None:
        raise NotFound("没有找到该参与方")
    case, active = _case(actor, party.case.uuid)
    if not policies.can_manage_parties(actor, active):
        raise AccessDenied("您无权移除案件参与方")
    _require_open(case)
    if party.left_at is not None:
        raise Conflict("该参与方已退出")
    if not policies.may_leave(party, [other for other in active if other.pk != party.pk]):
        raise UnableToChangeCase("借款人、申请方和主办方不能退出案件", field="party")
    text = rules.clean_text(reason, field="reason", longest=rules.LONGEST_TITLE)
    party.left_at = clock.now()
    party.save(update_fields=["left_at"])
    policies.forget(case.uuid)
    for document_uuid in case.papers.order_by("pk").values_list("document_uuid", flat=True):
        documents_operations.revoke(
            actor, document_uuid, organisation_id=party.organisation_id, person_id=party.person_id, keeper=KEEPER
        )
    _write(actor, case, TimelineKind.PARTY, f"{party.public_name} 退出：{text}")
    audit_operations.record(actor, CasesAct.PARTY_REMOVE, f"case:{case.uuid}", party=str(party.uuid), reason=text)


def note(
    actor: Actor,
    case_uuid: UUID,
    kind: TimelineKind,
    text: str,
    *,
    visible_to_id: int | None = None,
    document_uuid: UUID | None = None,
    process_event: str = "",
) -> None:
    """Add a line to the timeline, for all parties or for one organisation (``visible_to_id``) alone.

    An organisation may keep lines for itself; only the system and the operator may address another one's.
    """
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_note(actor, active):
        raise AccessDenied("您无权记录该案件")
    if visible_to_id is not None and visible_to_id != actor.organisation_id and not policies.can_know_all(actor):
        raise AccessDenied("只能为本机构记录内部备注")
    if case.state == CaseState.ARCHIVED:
        raise UnableToChangeCase("案件已归档，不能再记录")
    cleaned = rules.clean_text(text, field="text")
    _write(
        actor, case, kind, cleaned, visible_to_id=visible_to_id, document_uuid=document_uuid,
        process_event=process_event,
    )  # fmt: skip
    audit_operations.record(
        actor, CasesAct.CASE_NOTE, f"case:{case.uuid}", kind=str(kind), text=cleaned, visible_to=visible_to_id
    )


def file_document(actor: Actor, case_uuid: UUID, *, name: str, content: bytes | Iterable[bytes], purpose: str) -> UUID:
    """File a paper in a case for all parties and return its uuid. ``purpose`` is an UPPER_CODE of the caller.

    Raises UnableToStore (documents) for what may not be kept, UnableToChangeCase once the case is archived.
    """
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_file(actor, active):
        raise AccessDenied("只有案件参与方可以提交材料")
    if case.state == CaseState.ARCHIVED:
        raise UnableToChangeCase("案件已归档，不能再提交材料")
    others = [party for party in active if not policies.acts_for(actor, party)]
    document = documents_operations.store(
        actor, name=name, content=content, purpose=purpose, keeper=KEEPER,
        readers=[Reader(party.organisation_id, party.person_id) for party in others],
    )  # fmt: skip
    FiledDocument.objects.create(
        case=case, document_uuid=document.uuid, filed_at=clock.now(), filed_by_id=_side(actor, active)
    )
    _write(actor, case, TimelineKind.DOCUMENT, "提交材料", document_uuid=document.uuid)
    audit_operations.record(actor, CasesAct.DOCUMENT_FILE, f"case:{case.uuid}", document=str(document.uuid))
    return document.uuid


def post_message(
    actor: Actor, case_uuid: UUID, *, text: str, recipient_uuid: UUID | None = None, message_uuid: UUID | None = None
) -> UUID:
    """Write to one party (``recipient_uuid``) or to all, and return the message's uuid.

    ``message_uuid`` is chosen by a form when it is shown, so that a double click raises Conflict instead of
    writing twice.
    """
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_post(actor, active) or actor.person_id is None:
        raise AccessDenied("只有案件参与方可以发送消息")
    if case.state == CaseState.ARCHIVED:
        raise UnableToChangeCase("案件已归档，不能再发送消息")
    others = [party for party in active if not policies.acts_for(actor, party)]
    recipient = next((party for party in others if party.uuid == recipient_uuid), None)
    if recipient_uuid is not None and recipient is None:
        raise UnableToChangeCase("收件方不是该案件的参与方", field="recipient", remedy="请重新选择收件方")
    message = Message(
        uuid=message_uuid or new_uuid(), case=case, sent_at=clock.now(), sender_id=actor.person_id,
        sender_organisation_id=_side(actor, active), recipient=recipient, text=rules.clean_text(text, field="text"),
    )  # fmt: skip
    try:
        with transactions.opened():
            message.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("该消息已发送，请勿重复提交") from error
    audit_operations.record(
        actor, CasesAct.MESSAGE_POST, f"case:{case.uuid}", message=str(message.uuid),
        recipient=str(recipient_uuid) if recipient_uuid else None,
    )  # fmt: skip
    reached = [recipient] if recipient else others
    events.publish(
        MessagePosted(
            case.uuid,
            case.number,
            message.uuid,
            actor.organisation_name or "自然人",
            tuple(p.organisation_id for p in reached if p.organisation_id),
            tuple(p.person_id for p in reached if p.person_id),
        )
    )
    return message.uuid


def mark_messages_read(actor: Actor, number: str) -> int:
    """Mark what the actor may read in a case as read by this person; return how many were new."""
    transactions.require()
    case = policies.visible_cases(actor).filter(number=number).first()
    if case is None:
        raise NotFound("没有找到该案件")
    if actor.person_id is None:
        return 0
    unread = list(policies.unread_messages(actor).filter(case=case))
    if not unread:
        return 0
    MessageReading.objects.bulk_create(
        [MessageReading(message=message, person_id=actor.person_id, read_at=clock.now()) for message in unread],
        ignore_conflicts=True,
    )
    audit_operations.record(actor, CasesAct.MESSAGE_READ, f"case:{case.uuid}", count=len(unread))
    return len(unread)


def record_export(actor: Actor, rows: int) -> None:
    """Leave a trace of a list that was taken away as a file. Clause F4."""
    transactions.require()
    if actor.is_visitor:
        raise AccessDenied("请先登录")
    audit_operations.record(actor, CasesAct.LIST_EXPORT, rows=rows)


def close(actor: Actor, case_uuid: UUID, *, reason: str) -> None:
    """End a case. Raises Conflict where it is not open any more."""
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_close(actor, active):
        raise AccessDenied("您无权办结该案件")
    text = rules.clean_text(reason, field="reason", longest=rules.LONGEST_TITLE)
    if not _is_moved(_CLOSE, CaseState.CLOSED, clock.now(), text, case.pk, CaseState.OPEN):
        raise Conflict("案件已办结")
    policies.forget(case_uuid)
    _write(actor, case, TimelineKind.CLOSED, f"案件办结：{text}")
    audit_operations.record(actor, CasesAct.CASE_CLOSE, f"case:{case.uuid}", reason=text)
    events.publish(CaseClosed(case.uuid, case.number))


def archive(actor: Actor, case_uuid: UUID) -> None:
    """Put a closed case into the archive: nothing is added to it any more. Raises Conflict where not closed."""
    transactions.require()
    case, active = _case(actor, case_uuid)
    if not policies.can_archive(actor, active):
        raise AccessDenied("您无权归档该案件")
    if not _is_moved(_ARCHIVE, CaseState.ARCHIVED, clock.now(), case.pk, CaseState.CLOSED):
        raise Conflict("只有已办结的案件可以归档，且只归档一次")
    policies.forget(case_uuid)
    _write(actor, case, TimelineKind.ARCHIVED, "案件已归档")
    audit_operations.record(actor, CasesAct.CASE_ARCHIVE, f"case:{case.uuid}")
    events.publish(CaseArchived(case.uuid, case.number))


def reopen(actor: Actor, case_uuid: UUID, *, reason: str) -> None:
    """Open a case that has ended, archived or not, because something is decided on it again; for the system only.

    When and why it had ended stays in its timeline. Raises Conflict where it is open.
    """
    transactions.require()
    case, _ = _case(actor, case_uuid)
    if not actor.system:
        raise AccessDenied("已办结的案件只能由流程恢复办理")
    text = rules.clean_text(reason, field="reason", longest=rules.LONGEST_TITLE)
    if not _is_moved(_REOPEN, CaseState.OPEN, case.pk, CaseState.OPEN):
        raise Conflict("案件正在办理中")
    policies.forget(case_uuid)
    _write(actor, case, TimelineKind.OPENED, f"案件恢复办理：{text}")
    audit_operations.record(actor, CasesAct.CASE_REOPEN, f"case:{case.uuid}", reason=text)


def _is_moved(change: str, *values: str | int | datetime) -> bool:
    """Bring a case to another state; False where it was not in the one expected, whoever was faster."""
    return bool(sql.changed(change, values))


def _case(actor: Actor, case_uuid: UUID) -> tuple[Case, list[Party]]:
    """Return the case and its parties of this moment. Raises NotFound."""
    parties = policies.parties_of(case_uuid)
    active = [party for party in parties if party.left_at is None]
    if not policies.can_know(actor, active):
        raise NotFound("没有找到该案件")
    return parties[0].case, active


def _require_open(case: Case) -> None:
    if case.state != CaseState.OPEN:
        raise UnableToChangeCase(f"案件{CaseState(case.state).label}，不能变更参与方")


def _new_parties(case: Case, parties: Iterable[CaseParty]) -> list[Party]:
    joining: dict[CaseParty, Party] = {}
    for party in parties:
        if (party.organisation_id is None) == (party.person_id is None):
            raise UnableToChangeCase("参与方应为一家机构或一名自然人", field="party")
        if party in joining:
            raise Conflict("该参与方已在案件中")
        joining[party] = Party(
            case=case, organisation_id=party.organisation_id, person_id=party.person_id,
            role=PartyRole(party.role), joined_at=clock.now(),
        )  # fmt: skip
    return list(joining.values())


def _share(actor: Actor, document_uuid: UUID, party: Party) -> None:
    documents_operations.grant(
        actor, document_uuid, organisation_id=party.organisation_id, person_id=party.person_id, keeper=KEEPER
    )


def _side(actor: Actor, parties: Sequence[Party]) -> int | None:
    taking_part = any(party.organisation_id == actor.organisation_id for party in parties)
    return actor.organisation_id if taking_part else None


def _write(
    actor: Actor,
    case: Case,
    kind: TimelineKind,
    text: str,
    *,
    visible_to_id: int | None = None,
    document_uuid: UUID | None = None,
    process_event: str = "",
) -> None:
    line = TimelineEntry(
        case_id=case.pk, at=clock.now(), kind=TimelineKind(kind), text=text,
        actor_label=PLATFORM if actor.system else actor.label,
        organisation_id=actor.organisation_id, visible_to_id=visible_to_id,
        document_uuid=document_uuid, process_event=process_event,
    )  # fmt: skip
    transactions.gather(_write_lines, line)


def _write_lines(lines: list[TimelineEntry]) -> None:
    insert(lines)
