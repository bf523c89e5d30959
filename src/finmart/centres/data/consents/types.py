"""The words of consents: purposes, what a consent allows, what came of a request to see facts."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit.codes import Code
from finmart.kit.errors import AccessDenied, Refusal


class ConsentsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    BASIS_RECORD = "consents:basis:record"
    CONSENT_END = "consents:consent:end"
    CONSENT_GRANT = "consents:consent:grant"
    CONSENT_WITHDRAW = "consents:consent:withdraw"
    LEDGER_EXPORT = "consents:ledger:export"


class Purpose(Code):
    """What facts are read for. The first five need the firm's consent; the others are the operator's own."""

    AFTER_LOAN = "AFTER_LOAN", "贷后管理"
    GUARANTEE_REVIEW = "GUARANTEE_REVIEW", "担保评审"
    INSURANCE_UNDERWRITING = "INSURANCE_UNDERWRITING", "保险核保"
    INVESTMENT_REVIEW = "INVESTMENT_REVIEW", "投资评审"
    LOAN_REVIEW = "LOAN_REVIEW", "贷款审查"
    MATCHING = "MATCHING", "产品匹配"
    QUALITY = "QUALITY", "数据质量检查"
    STATISTICS = "STATISTICS", "统计分析"
    WARNING = "WARNING", "风险预警"


OPERATOR_PURPOSES = frozenset({Purpose.MATCHING, Purpose.QUALITY, Purpose.STATISTICS, Purpose.WARNING})
CONSENT_PURPOSES = frozenset(Purpose) - OPERATOR_PURPOSES


class Mode(Code):
    """What the recipient may do with what it sees."""

    QUERY = "QUERY", "只得到结论"
    STORE = "STORE", "查看并留存"
    VIEW = "VIEW", "查看"


class AfterEnd(Code):
    """What becomes of what was fetched, once the consent has ended."""

    BLOCK = "BLOCK", "封存，不再使用"
    DELETE = "DELETE", "删除"


class ConsentState(Code):
    ENDED = "ENDED", "已到期"
    IN_FORCE = "IN_FORCE", "生效中"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class DisclosureOutcome(Code):
    GIVEN = "GIVEN", "已提供"
    REFUSED = "REFUSED", "已拒绝"


class ReadKind(Code):
    """What was handed out: facts themselves, an answer made of them, or a copy that was kept earlier."""

    CONCLUSION = "CONCLUSION", "结论"
    COPY = "COPY", "留存副本"
    FACTS = "FACTS", "数据项"


class Shortfall(Code):
    """Why a request to see facts is refused."""

    BEYOND_BOUNDS = "BEYOND_BOUNDS", "授权已超过该用途现行的期限上限"
    CONCLUSIONS_ONLY = "CONCLUSIONS_ONLY", "企业只授权得到结论，不授权查看数据"
    COPY_ENDED = "COPY_ENDED", "该副本已删除或封存"
    NO_BASIS = "NO_BASIS", "该用途没有登记依据"
    NO_CONSENT = "NO_CONSENT", "企业没有授权，或授权已到期、已撤回"
    NOT_COVERED = "NOT_COVERED", "授权范围不包含所要的数据项"
    TOO_MANY_BY_PERSON = "TOO_MANY_BY_PERSON", "您今日查看的企业已达单人上限"
    TOO_MANY_FIRMS = "TOO_MANY_FIRMS", "贵机构今日查看的企业已达上限"
    TOO_OFTEN = "TOO_OFTEN", "本月查询次数已达授权上限"
    WRONG_PARTY = "WRONG_PARTY", "该用途不对您的机构开放"


@dataclass(frozen=True, slots=True)
class PurposeBounds:
    """The most a consent for a purpose may allow; numbers are defaults of ours until the pack or operator says else.

    ``most_days`` life of the consent, ``most_months_back`` age of the facts, ``most_calls_a_month`` reads of a firm by
    one recipient over all its consents (0 for no limit), ``most_keep_days`` how long a copy may be kept.
    """

    most_days: int
    most_months_back: int
    most_calls_a_month: int
    most_keep_days: int


@dataclass(frozen=True, slots=True)
class VolumeBounds:
    """The most different firms whose facts one institution, and one of its people, may read in a day of the city."""

    by_institution: int
    by_person: int


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """What one organisation's people read today: different firms together, those of its busiest person, refusals.

    Refusals are those for reading too many.
    """

    recipient_name: str
    firms: int
    by_busiest: int
    refused: int


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent as its two parties see it; ``may_withdraw`` tells what this actor may do."""

    uuid: UUID
    grantor: OrganisationRef
    recipient: OrganisationRef
    purpose: str
    purpose_label: str
    fact_types: tuple[str, ...]
    months_back: int
    most_calls_a_month: int
    keep_days: int
    mode: str
    mode_label: str
    after_end_label: str
    state: str
    state_label: str
    signed_by: str
    valid_from: datetime
    valid_to: datetime
    withdrawn_at: datetime | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Leave to read: these fact types, and of dated facts those from ``earliest_on`` (None: any).

    ``conclusions_only``: what is read may be answered with, not shown. ``keep_until`` None: no copy may be kept;
    ``after_end`` is what becomes of a copy then.
    """

    uuid: UUID
    subject_id: int | None
    purpose: str
    fact_types: tuple[str, ...]
    earliest_on: date | None
    consent_uuid: UUID | None
    conclusions_only: bool = False
    keep_until: datetime | None = None
    after_end: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """One line of the ledger: who asked to see what, when, what for, and what came of it."""

    uuid: UUID
    at: datetime
    subject_id: int | None
    recipient_name: str
    person_name: str
    purpose: str
    purpose_label: str
    fact_types: tuple[str, ...]
    what_label: str
    earliest_on: date | None
    outcome: str
    outcome_label: str
    reason: str
    consent_uuid: UUID | None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which lines of the ledger are wanted; empty means any. Days are the city's, both inclusive."""

    recipient: str = ""
    purpose: str = ""
    outcome: str = ""
    what: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """One page of the ledger and how many lines there are."""

    rows: tuple[DisclosureRow, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class BasisView:
    """On what the operator's own use of facts rests; ``valid_to`` None: until it is replaced."""

    purpose: str
    purpose_label: str
    basis: str
    source: str
    valid_from: datetime
    valid_to: datetime | None = None
    recorded_by: str = ""
    is_in_force: bool = True


@dataclass(frozen=True, slots=True)
class ConsentFigures:
    """Sums over all firms: consents in force, reads given, reads refused."""

    in_force: int
    given: int
    refused: int


class ConsentRequired(AccessDenied):
    """Facts were asked for that may not be shown; the refusal is already in the ledger, whatever becomes of the act."""

    code = "CONSENT_REQUIRED"


class UnableToGrant(Refusal):
    code = "UNABLE_TO_GRANT"
