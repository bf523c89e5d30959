"""The words of cases: kinds, states, roles of parties, and what queries return."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from finmart.centres.technical.parties.types import Role
from finmart.kit.codes import Code
from finmart.kit.errors import Refusal

CONTACT_ROLES = (Role.ENTERPRISE_LEGAL_PERSON, Role.ENTERPRISE_CLERK, Role.INSTITUTION_ACCOUNT_MANAGER)
"""Whom another party turns to."""
PLATFORM = "平台系统"
LONGEST_TEXT = 2_000  # of a message or a line of the timeline; a default of ours


class CasesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    CASE_ARCHIVE = "cases:case:archive"
    CASE_CLOSE = "cases:case:close"
    CASE_NOTE = "cases:case:note"
    CASE_OPEN = "cases:case:open"
    CASE_REOPEN = "cases:case:reopen"
    DOCUMENT_FILE = "cases:document:file"
    LIST_EXPORT = "cases:list:export"
    MESSAGE_POST = "cases:message:post"
    MESSAGE_READ = "cases:message:read"
    PARTY_ADD = "cases:party:add"
    PARTY_REMOVE = "cases:party:remove"


class CaseKind(Code):
    """What a case is about. New businesses add their kind here."""

    APPEAL = "APPEAL", "申诉"
    BANK_LOAN = "BANK_LOAN", "银行贷款"
    EMERGENCY = "EMERGENCY", "应急处置"
    EMERGENCY_DRILL = "EMERGENCY_DRILL", "应急演练"
    GENERAL = "GENERAL", "其他事项"
    INSTITUTION_ONBOARDING = "INSTITUTION_ONBOARDING", "机构入驻"
    PRODUCT_LISTING = "PRODUCT_LISTING", "产品上架"


class CaseState(Code):
    ARCHIVED = "ARCHIVED", "已归档"
    CLOSED = "CLOSED", "已办结"
    OPEN = "OPEN", "办理中"


class PartyRole(Code):
    """What a party is in a case. The leading ones bring in others and archive."""

    APPLICANT = "APPLICANT", "申请方"
    BORROWER = "BORROWER", "借款人"
    GUARANTOR = "GUARANTOR", "担保人"
    HANDLER = "HANDLER", "承办方"
    INSURER = "INSURER", "保险人"
    LENDER = "LENDER", "贷款人"
    OPERATOR = "OPERATOR", "平台运营"
    REGULATOR = "REGULATOR", "监管部门"
    RESPONDER = "RESPONDER", "协同机构"


LEADING_ROLES = frozenset({PartyRole.HANDLER, PartyRole.LENDER})


class TimelineKind(Code):
    """What a line of the timeline tells."""

    ARCHIVED = "ARCHIVED", "归档"
    CLOSED = "CLOSED", "办结"
    DOCUMENT = "DOCUMENT", "材料"
    FUNDS = "FUNDS", "资金"
    NOTE = "NOTE", "备注"
    OPENED = "OPENED", "立案"
    PARTY = "PARTY", "参与方"
    STATE = "STATE", "状态"
    STEP = "STEP", "环节"


@dataclass(frozen=True, slots=True)
class CaseParty:
    """One taking part: exactly one of ``organisation_id`` and ``person_id``."""

    role: PartyRole
    organisation_id: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseRef:
    """What other centres keep of a case."""

    id: int
    uuid: UUID
    number: str
    kind: str
    title: str
    state: str

    @property
    def state_label(self) -> str:
        return CaseState(self.state).label

    @property
    def kind_label(self) -> str:
        return CaseKind(self.kind).label


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party as others of the case see it. ``is_own`` where the reader acts for it."""

    uuid: UUID
    role: str
    name: str
    organisation_id: int | None
    person_id: int | None
    joined_at: datetime
    left_at: datetime | None
    is_own: bool

    @property
    def role_label(self) -> str:
        return PartyRole(self.role).label


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case for one actor; ``acts`` says what this actor may do with it now."""

    ref: CaseRef
    opened_at: datetime
    closed_at: datetime | None
    archived_at: datetime | None
    closing_reason: str
    parties: tuple[PartyView, ...]
    unread: int
    acts: frozenset[CasesAct]

    @property
    def active_parties(self) -> tuple[PartyView, ...]:
        return tuple(party for party in self.parties if party.left_at is None)

    @property
    def recipients(self) -> tuple[PartyView, ...]:
        """Return whom this actor may write to, apart from all."""
        return tuple(party for party in self.active_parties if not party.is_own)

    @property
    def may_post(self) -> bool:
        return CasesAct.MESSAGE_POST in self.acts

    @property
    def may_note(self) -> bool:
        return CasesAct.CASE_NOTE in self.acts

    @property
    def may_file(self) -> bool:
        return CasesAct.DOCUMENT_FILE in self.acts

    @property
    def may_archive(self) -> bool:
        return CasesAct.CASE_ARCHIVE in self.acts

    @property
    def may_read_messages(self) -> bool:
        return CasesAct.MESSAGE_READ in self.acts


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A line of a list. ``parties`` are those of this moment, in the order they joined."""

    ref: CaseRef
    opened_at: datetime
    parties: tuple[PartyView, ...]
    unread: int


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to; empty fields narrow nothing. ``text`` looks into number, title and party names."""

    state: str = ""
    kind: str = ""
    text: str = ""
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list and how long the whole is. Pages count from 1."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the timeline: who, for whom, when, what. ``is_internal`` where only the own organisation sees it."""

    at: datetime
    kind: str
    actor_label: str
    organisation_name: str
    text: str
    is_internal: bool
    document_uuid: UUID | None
    process_event: str

    @property
    def kind_label(self) -> str:
        return TimelineKind(self.kind).label


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message. ``recipient`` is empty where it went to all parties."""

    uuid: UUID
    sent_at: datetime
    sender: str
    sender_organisation: str
    recipient: str
    text: str
    is_own: bool
    is_unread: bool


class UnableToChangeCase(Refusal):
    """The case is closed or archived, or the party is not one that can be added or removed."""

    code = "UNABLE_TO_CHANGE_CASE"


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody to turn to at a party, as far as this actor may see; ``open_until`` where it is shown in full."""

    uuid: UUID
    name: str
    roles: str
    phone: str
    email: str
    may_unmask: bool
    open_until: datetime | None


@dataclass(frozen=True, slots=True)
class PartyContacts:
    """A party's address and people to turn to."""

    uuid: UUID
    name: str
    address: str
    is_own: bool
    may_unmask: bool
    open_until: datetime | None
    people: tuple[ContactView, ...]
