"""The words of the catalogue: what a product promises and asks, who may do what to it, what a page may show."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit.codes import Code
from finmart.kit.criteria import Criterion, FieldKind, Operator, Value
from finmart.kit.errors import Refusal
from finmart.kit.finance import RepaymentMethod


class CatalogueAct(StrEnum):
    """Audit tags and permissions of this centre."""

    PRODUCT_DELIST = "catalogue:product:delist"
    PRODUCT_DRAFT = "catalogue:product:draft"
    PRODUCT_PUBLISH = "catalogue:product:publish"
    PRODUCT_REVISE = "catalogue:product:revise"
    PRODUCT_SEND_BACK = "catalogue:product:send_back"
    PRODUCT_SUBMIT = "catalogue:product:submit"


class ProductKind(Code):
    LOAN = "LOAN", "贷款"


class VersionState(Code):
    """DRAFT → SUBMITTED → PUBLISHED → DELISTED; a submitted one may be sent back to DRAFT."""

    DELISTED = "DELISTED", "已下架"
    DRAFT = "DRAFT", "草稿"
    PUBLISHED = "PUBLISHED", "已上架"
    SUBMITTED = "SUBMITTED", "待复核"


class FeeBasis(Code):
    """What a fee is counted on and how often it is paid."""

    AMOUNT_ONCE = "AMOUNT_ONCE", "按贷款金额一次性收取"
    AMOUNT_YEARLY = "AMOUNT_YEARLY", "按贷款金额每年收取"
    FIXED_ONCE = "FIXED_ONCE", "固定金额一次性收取"


class CollateralKind(Code):
    GUARANTEE = "GUARANTEE", "保证担保"
    MORTGAGE = "MORTGAGE", "抵押"
    NONE = "NONE", "信用（无抵押）"
    PLEDGE = "PLEDGE", "质押"


class LoanPurpose(Code):
    """What the money is for; a need names one, a product those it serves."""

    EQUIPMENT = "EQUIPMENT", "购置设备"
    INNOVATION = "INNOVATION", "研发创新"
    PREMISES = "PREMISES", "厂房建设与装修"
    RENEWAL = "RENEWAL", "续贷"
    TRADE = "TRADE", "采购与贸易"
    WORKING_CAPITAL = "WORKING_CAPITAL", "流动资金周转"


class ProductSort(Code):
    """Orders a visitor may choose. None of them can be bought; ties fall to the older product."""

    LIMIT = "LIMIT", "额度从高到低"
    NEWEST = "NEWEST", "最新上架"
    RATE = "RATE", "利率从低到高"
    SPEED = "SPEED", "承诺办理时间从短到长"


@dataclass(frozen=True, slots=True)
class CriterionField:
    """A fact of a firm that criteria may ask for. ``choices`` are (code, Chinese label) pairs of a closed list."""

    code: str
    label: str
    kind: FieldKind
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    def show(self, value: Value | None) -> str:
        """Return a value as a person reads it: ``500 万元``, ``35 %``, ``24 个月``; a missing one as 未知."""
        if value is None:
            return "未知"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, str):
            return dict(self.choices).get(value, value)
        match self.unit:
            case "元":
                return _yuan(int(value))
            case "%":
                return f"{_short(Decimal(value) * 100)} %"
            case unit:
                return f"{_short(Decimal(value))} {unit}".strip()

    def demand(self, operator: Operator, operand: tuple[Value, ...]) -> str:
        """Return what a criterion on this field asks, without the label: ``≥ 500 万元``, ``为 A 级、B 级``."""
        match operator:
            case Operator.EXISTS:
                return "有记录" if operand[0] else "无记录"
            case Operator.BETWEEN:
                return f"在 {self.show(operand[0])}至 {self.show(operand[1])}之间"
            case other if self.kind is FieldKind.BOOLEAN:
                return f"{_SIGNS[other]}“{'或'.join(self.show(value) for value in operand)}”"
            case other:
                return f"{_SIGNS[other]} {'、'.join(self.show(value) for value in operand)}"


_SIGNS = {
    Operator.GE: "≥", Operator.GT: "＞", Operator.LE: "≤", Operator.LT: "＜",
    Operator.EQ: "为", Operator.NE: "不为", Operator.IN: "为", Operator.NOT_IN: "不为",
}  # fmt: skip


def _short(number: Decimal) -> str:
    return f"{round(number, 4).normalize():f}"


def _yuan(fen: int) -> str:
    yuan = Decimal(fen) / 100
    return f"{_short(yuan / 10_000)} 万元" if abs(yuan) >= 10_000 else f"{_short(yuan)} 元"


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """One fee: a ``rate`` (0.005 is 0.5 %) of the amount, or a fixed ``amount_fen``."""

    name: str
    basis: FeeBasis
    rate: Decimal = Decimal(0)
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class CriterionTerms:
    """One condition as an institution writes it; texts of numbers are read exactly, ``500000000`` for fen."""

    field: str
    operator: str
    operand: tuple[object, ...]
    is_hard: bool = True


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """All that one version of a loan product says. Rates are shares a year (0.0435), limits in fen.

    Empty ``regions`` mean the whole city, empty ``purposes`` any lawful use. ``valid_to`` is exclusive.
    """

    name: str
    summary: str
    rate_min: Decimal
    rate_max: Decimal
    limit_min_fen: int
    limit_max_fen: int
    months_min: int
    months_max: int
    methods: tuple[RepaymentMethod, ...]
    promised_days: int
    valid_from: date
    valid_to: date | None = None
    fees: tuple[FeeTerms, ...] = ()
    regions: tuple[str, ...] = ()
    purposes: tuple[LoanPurpose, ...] = ()
    collateral: CollateralKind = CollateralKind.NONE
    joint_liability: bool = False
    criteria: tuple[CriterionTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionView:
    """A criterion of a version, with its place, its field and its words."""

    position: int
    criterion: Criterion
    field: CriterionField
    text: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """One version of a product, with the acts (``CatalogueAct`` tags) this actor may do."""

    product_id: int
    product_uuid: UUID
    version_id: int
    version_uuid: UUID
    version_number: int
    kind: ProductKind
    state: VersionState
    institution: OrganisationRef
    terms: ProductTerms
    criteria: tuple[CriterionView, ...]
    is_open: bool
    is_example: bool
    submitted_at: datetime | None
    published_at: datetime | None
    delisted_at: datetime | None
    reason: str
    acts: frozenset[str]

    @property
    def serves_whole_city(self) -> bool:
        return not self.terms.regions


@dataclass(frozen=True, slots=True)
class OpenVersion:
    """What applying needs to know of a version that is open: whose it is, and what it will ask for."""

    version_id: int
    version_number: int
    product_id: int
    institution_id: int
    name: str
    collateral: CollateralKind
    joint_liability: bool


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """What a visitor looks for; what is not given does not narrow."""

    district: str = ""
    amount_fen: int | None = None
    term_months: int | None = None
    kind: ProductKind | None = None
    institution_uuid: UUID | None = None
    collateral: CollateralKind | None = None
    method: RepaymentMethod | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CostExample:
    """What a loan of this product costs at most: ``annual_rate`` is the compound all-in rate (IRR), fees counted."""

    amount_fen: int
    months: int
    method: RepaymentMethod
    annual_rate: Decimal
    interest_fen: int
    fees_fen: int


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """What anybody may know of the supermarket: counts of what is open today."""

    institutions: int
    products: int
    rate_from: Decimal | None


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of a list; pages count from 1."""

    rows: tuple[ProductView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ProductRef:
    """What a write gives back."""

    uuid: UUID
    version_id: int
    version_uuid: UUID
    version_number: int
    state: VersionState


class UnableToList(Refusal):
    """The product's terms contradict themselves, the law or the house."""

    code = "UNABLE_TO_LIST"


class UnableToPublish(Refusal):
    code = "UNABLE_TO_PUBLISH"


class UnableToApply(Refusal):
    """The version is not open: delisted, replaced, expired or not yet in force."""

    code = "UNABLE_TO_APPLY"


class UnableToCompare(Refusal):
    code = "UNABLE_TO_COMPARE"
