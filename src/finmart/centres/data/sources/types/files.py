"""The words of files that come in: loads, what may be wrong with a row."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class LoadKind(Code):
    FIRMS = "FIRMS", "企业名单"
    INVOICES = "INVOICES", "发票"
    SME_2020 = "SME_2020", "sme-2020 企业与发票"


class LoadState(Code):
    HELD = "HELD", "暂存待核"
    LOADED = "LOADED", "已入库"
    REFUSED = "REFUSED", "已拒收"


class Direction(Code):
    """Seen from the firm whose invoice it is. An out invoice is a sale, an in invoice a purchase."""

    IN = "IN", "进项"
    OUT = "OUT", "销项"


class Fault(Code):
    """Why a row cannot be read and is rejected."""

    BAD_AMOUNT = "BAD_AMOUNT", "金额、税额或价税合计不是精确到分的数"
    BAD_CREDIT_CODE = "BAD_CREDIT_CODE", "统一社会信用代码不正确（长度或校验位不符）"
    BAD_DATE = "BAD_DATE", "开票日期无法识别"
    BAD_TEXT = "BAD_TEXT", "号码、对方或名称过长，或含不可用字符"
    DATE_OUT_OF_RANGE = "DATE_OUT_OF_RANGE", "开票日期早于 1994 年或晚于今天"
    NO_COUNTERPARTY = "NO_COUNTERPARTY", "没有交易对方"
    NO_NAME = "NO_NAME", "没有企业名称"
    NO_NUMBER = "NO_NUMBER", "没有发票号码"
    UNKNOWN_DIRECTION = "UNKNOWN_DIRECTION", "进销方向无法识别"
    UNKNOWN_FIRM = "UNKNOWN_FIRM", "企业不在名单中"
    UNKNOWN_STATUS = "UNKNOWN_STATUS", "发票状态无法识别"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it came: its name (for messages) and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One row that is wrong or worth a look. ``row`` counts as a spreadsheet does: the heading is row 1."""

    row: int
    fault: str
    value: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What reading a file found. All counts are of rows of the file, repeated ones included.

    ``rejected`` rows were not readable and are not stored; ``duplicates`` repeat another row in every column and are
    stored once; ``void``, ``negative`` (red-letter) and ``not_adding_up`` (amount + tax and total differ by more
    than a cent) are stored and marked; ``cleaned`` had blanks around their status.
    """

    rows: int = 0
    duplicates: int = 0
    void: int = 0
    negative: int = 0
    negative_void: int = 0
    cleaned: int = 0
    not_adding_up: int = 0
    rejected: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did. ``firms`` and the report count what was read; ``invoices`` and ``new_firms`` what is new."""

    uuid: UUID
    kind: str
    state: str
    firms: int
    new_firms: int
    invoices: int
    report: QualityReport
    organisation_ids: tuple[int, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class SmeTable:
    """The firms and invoices of an sme-2020 folder. ``labels`` maps each firm's code to whether it defaulted, or None.

    ``invoices`` has the columns enterprise, direction, number, issued_on, counterparty, amount_fen, tax_fen,
    total_fen, is_void, adds_up and is_effective.
    """

    labels: dict[str, bool | None]
    invoices: pl.DataFrame
    report: QualityReport


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A load as lists show it."""

    uuid: UUID
    kind: str
    kind_label: str
    state: str
    state_label: str
    files: tuple[str, ...]
    rows: int
    invoices: int
    rejected: int
    message: str
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class HeldLoad:
    """A load that waits for, or got, a person's decision. ``firm_name`` is empty where it is of several firms.

    ``may_settle``: may this actor release or refuse it now?
    """

    row: LoadRow
    report: QualityReport
    faults: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[str, str, int], ...]
    firm_name: str
    settled_by: str
    settled_at: datetime | None
    settle_reason: str
    may_settle: bool


@dataclass(frozen=True, slots=True)
class LoadInput:
    """What one load brought of one side of a firm's invoices in a period: ``net_fen`` is of the ``effective`` ones.

    ``files`` are (name, SHA-256); ``void`` ones and those a void twin took back count in ``invoices`` only.
    """

    load_uuid: UUID
    files: tuple[tuple[str, str], ...]
    loaded_at: datetime
    direction: str
    direction_label: str
    invoices: int
    void: int
    effective: int
    net_fen: int
    first_on: date
    latest_on: date


@dataclass(frozen=True, slots=True)
class InvoiceInput:
    """One invoice as its own firm reads it back."""

    number: str
    issued_on: date
    direction_label: str
    counterparty: str
    amount_fen: int
    is_void: bool
    load_uuid: UUID


class UnableToSettle(Refusal):
    """The held load cannot be released or refused as asked; nothing was changed."""

    code = "UNABLE_TO_SETTLE"


class UnableToLoad(Refusal):
    """The file cannot be loaded as it is; nothing was changed."""

    code = "UNABLE_TO_LOAD"
