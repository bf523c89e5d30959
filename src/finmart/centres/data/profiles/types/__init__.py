"""The words of profiles: kinds of fact, facts as others see them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.centres.data.profiles.types import fact_types, invoice_types
from finmart.centres.data.profiles.types.disputes import (
    DisputeAct,
    DisputeLineView,
    DisputeState,
    DisputeView,
    UnableToDispute,
)
from finmart.centres.data.profiles.types.fact_types import FactKind, FactType
from finmart.centres.data.sources.types import InvoiceInput, LoadInput, RecordOrigin
from finmart.kit.codes import Code
from finmart.kit.errors import Refusal

__all__ = [
    "FACT_TYPES",
    "GROUPS",
    "CopyEnd",
    "CopyState",
    "CopyView",
    "DisputeAct",
    "DisputeLineView",
    "DisputeState",
    "DisputeView",
    "FactKind",
    "FactType",
    "FactVersion",
    "FactView",
    "FeatureCheck",
    "KnownValue",
    "Lineage",
    "PeerGroup",
    "PeerRank",
    "ProfilesAct",
    "RecordedFact",
    "Series",
    "Size",
    "SizeVerdict",
    "SupplyTrouble",
    "Tie",
    "UnableToDispute",
    "UnableToKeep",
    "UnableToRecord",
]  # fmt: skip

GROUPS = (
    fact_types.BASICS, invoice_types.SCALE, invoice_types.GROWTH, invoice_types.STEADY, invoice_types.PARTNERS,
    invoice_types.NETWORK, invoice_types.HABITS, invoice_types.TAX, fact_types.FINANCE, fact_types.CREDIT,
    fact_types.LAW, fact_types.INNOVATION, fact_types.PEOPLE, fact_types.ENERGY, fact_types.ABROAD,
    fact_types.OWNERSHIP,
)  # fmt: skip
"""The groups in the order of a page."""

_ROWS = (*fact_types.RECORDED_TYPES, *invoice_types.INVOICE_TYPES)
FACT_TYPES: dict[str, FactType] = {
    row.code: row for row in sorted(_ROWS, key=lambda row: GROUPS.index(row.group))
}  # fmt: skip
"""Every fact type by its code, group after group."""

Series = tuple[tuple[str, int], ...]
"""Months (``2019-07``) with an amount in fen each, the oldest first, without a hole."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Another party a firm is bound to, with its share (a fraction) where that is known."""

    name: str
    share: Decimal | None = None


class ProfilesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    COPY_END = "profiles:copy:end"
    COPY_KEEP = "profiles:copy:keep"
    DISPUTE_RAISE = "profiles:dispute:raise"
    DISPUTE_REJECT = "profiles:dispute:reject"
    DISPUTE_REMIND = "profiles:dispute:remind"
    DISPUTE_ROUTE = "profiles:dispute:route"
    DISPUTE_UPHOLD = "profiles:dispute:uphold"
    DISPUTE_WITHDRAW = "profiles:dispute:withdraw"
    FACTS_COMPUTE = "profiles:facts:compute"
    FACTS_ERASE = "profiles:facts:erase"
    FACTS_RECORD = "profiles:facts:record"


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """A fact to record: ``value`` as its type's kind asks (see :class:`FactKind`), None for now unknown."""

    organisation_id: int
    fact_type: str
    value: int | Decimal | str | bool | date | tuple[Tie, ...] | None
    as_of_on: date
    source: str


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that is known, as criteria compare it, with its day and source; that says so where it is disputed."""

    value: int | Decimal | str | bool
    known_on: date
    source: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as pages show it. ``value`` is None where it is missing; ``text`` then says 暂缺, never 0.

    ``disputed_at``: since when its firm says that it is wrong, until that is settled. ``note`` is what is wrong with
    its supply, where somebody looked (``queries.supply_of``), or that a kept copy was overtaken by a correction.
    """

    code: str
    label: str
    value: int | Decimal | str | bool | date | Series | tuple[Tie, ...] | None
    text: str
    unit: str
    formula: str
    source: str
    as_of_on: date
    known_at: datetime
    grade: int
    group: str
    disputed_at: datetime | None = None
    note: str = ""


class PeerGroup(Code):
    """Whom a firm is held beside, the closest first."""

    SAME_KIND = "SAME_KIND", "同行业同规模企业"
    SAME_SECTION = "SAME_SECTION", "同行业企业"
    EVERYBODY = "EVERYBODY", "平台全部企业"


@dataclass(frozen=True, slots=True)
class PeerRank:
    """Which share of so many peers has a smaller number than the firm."""

    label: str
    share: float
    firms: int
    group: PeerGroup


class Size(Code):
    """The size of a firm; codes are the choices of the fact ``size_class``."""

    LARGE = "LARGE", "大型企业"
    MEDIUM = "MEDIUM", "中型企业"
    SMALL = "SMALL", "小型企业"
    MICRO = "MICRO", "微型企业"


@dataclass(frozen=True, slots=True)
class SizeVerdict:
    """The size of a firm, None where it cannot be told: for want of the ``missing`` facts, or for the ``reason``."""

    size: Size | None
    industry: str
    rule: str
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class FeatureCheck:
    """Whether the numbers computed from invoices are all different and all tell something.

    ``known`` says for how many of the ``firms`` each number is known.
    """

    firms: int
    codes: tuple[str, ...]
    known: dict[str, int]
    constant: tuple[str, ...]
    equal: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SupplyTrouble:
    """A feed that brings nothing at the moment: why, what stays as of an older day, and what is missing for it."""

    feed_name: str
    trouble: str
    kept: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactVersion:
    """One value that stood for a fact: as of a day, known from a moment until another of that day came in."""

    as_of_on: date
    text: str
    source: str
    known_at: datetime
    superseded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a fact comes from. Of a computed one: the loads its invoices came with, in ``period`` and altogether.

    ``total_fen`` is what the effective invoices of ``loads`` add up to where the fact is a sum (None otherwise);
    ``recomputed`` is the fact computed anew from what was known then, and ``agrees`` whether it is what is shown.
    ``invoices`` (the newest, one by one), ``versions`` and ``disputes`` are for the firm and the operator.
    ``is_cut``: inputs before the consent's range are not listed. Of another fact ``record`` is the feed's record.
    """

    fact: FactView
    organisation_id: int
    firm_name: str
    is_computed: bool
    period: tuple[date, date] | None
    loads: tuple[LoadInput, ...]
    invoices: tuple[InvoiceInput, ...]
    total_fen: int | None
    recomputed: str
    agrees: bool | None
    is_cut: bool
    record: RecordOrigin | None
    versions: tuple[FactVersion, ...]
    disputes: tuple[DisputeView, ...]
    may_dispute: bool


class UnableToRecord(Refusal):
    code = "UNABLE_TO_RECORD"


class CopyState(Code):
    BLOCKED = "BLOCKED", "已封存"
    DELETED = "DELETED", "已删除"
    KEPT = "KEPT", "留存中"


class CopyEnd(Code):
    """Why a copy is no longer kept."""

    ERASED = "ERASED", "企业申请删除"
    EXPIRED = "EXPIRED", "授权到期"
    KEPT_OUT = "KEPT_OUT", "留存期满"
    WITHDRAWN = "WITHDRAWN", "授权撤回"


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy as firm and institution know of it, never its content; for a deleted one ``sha256`` is the proof."""

    uuid: UUID
    consent_uuid: UUID
    subject_name: str
    recipient_name: str
    purpose: str
    taken_by: str
    taken_at: datetime
    keep_until: datetime
    fact_count: int
    sha256: str
    state: str
    state_label: str
    ended_at: datetime | None
    ended_by_label: str
    may_open: bool


class UnableToKeep(Refusal):
    """The consent allows no copy."""

    code = "UNABLE_TO_KEEP"
