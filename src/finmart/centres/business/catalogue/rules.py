"""What may stand in a product, the register of facts criteria may ask for, and their words."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from finmart.centres.business.catalogue.types import (
    CostExample,
    CriterionField,
    CriterionTerms,
    FeeBasis,
    FeeTerms,
    ProductTerms,
    UnableToList,
    VersionState,
)
from finmart.kit.criteria import Criterion, Field, FieldKind, contradiction, read_criterion
from finmart.kit.finance import DayCount, Fee, Terms, annual_cost, plan
from finmart.kit.money import MOST_FEN

MONTHS_A_YEAR = 12
MONTHS_OF_EXAMPLE = 12  # a default of ours, where nobody has said a term

# Limits of entry, ours: they catch a slip (4.35 for 0.0435), they are no rule on prices.
MOST_RATE = Decimal("0.36")
MOST_MONTHS = 360
MOST_CRITERIA = 40
MOST_FEES = 10
MOST_PROMISED_DAYS = 90

_SECTIONS = (
    ("A", "农、林、牧、渔业"), ("B", "采矿业"), ("C", "制造业"), ("D", "电力、热力、燃气及水生产和供应业"),
    ("E", "建筑业"), ("F", "批发和零售业"), ("G", "交通运输、仓储和邮政业"), ("H", "住宿和餐饮业"),
    ("I", "信息传输、软件和信息技术服务业"), ("J", "金融业"), ("K", "房地产业"), ("L", "租赁和商务服务业"),
    ("M", "科学研究和技术服务业"), ("N", "水利、环境和公共设施管理业"), ("O", "居民服务、修理和其他服务业"),
    ("P", "教育"), ("Q", "卫生和社会工作"), ("R", "文化、体育和娱乐业"),
    ("S", "公共管理、社会保障和社会组织"), ("T", "国际组织"),
)  # fmt: skip
_INTEGER, _DECIMAL, _TEXT = FieldKind.INTEGER, FieldKind.DECIMAL, FieldKind.TEXT

REGISTER: dict[str, CriterionField] = {
    field.code: field
    for field in (
        CriterionField("annual_sales_fen", "近12个月开票销售额", _INTEGER, "元"),
        CriterionField("annual_tax_fen", "近12个月纳税额", _INTEGER, "元"),
        CriterionField("customer_count", "客户数量", _INTEGER, "家"),
        CriterionField("district", "所在区市", _TEXT),
        CriterionField("employees", "从业人数", _INTEGER, "人"),
        CriterionField("established_months", "成立时长", _INTEGER, "个月"),
        CriterionField("industry_section", "所属行业门类", _TEXT, "", _SECTIONS),
        CriterionField("invoice_active_months", "有开票的月数", _INTEGER, "个月"),
        CriterionField("invoice_gap_months", "连续未开票的最长月数", _INTEGER, "个月"),
        CriterionField("is_high_tech", "高新技术企业", FieldKind.BOOLEAN),
        CriterionField("litigation_count", "涉诉次数", _INTEGER, "次"),
        CriterionField("overdue_count", "逾期次数", _INTEGER, "次"),
        CriterionField("red_letter_share", "红字发票占比", _DECIMAL, "%"),
        CriterionField("registered_capital_fen", "注册资本", _INTEGER, "元"),
        CriterionField("sales_growth", "开票销售额同比增长", _DECIMAL, "%"),
        CriterionField("sales_volatility", "开票销售额波动系数", _DECIMAL),
        CriterionField(
            "size_class", "企业规模", _TEXT, "",
            (("MICRO", "微型企业"), ("SMALL", "小型企业"), ("MEDIUM", "中型企业"), ("LARGE", "大型企业")),
        ),
        CriterionField("supplier_count", "供应商数量", _INTEGER, "家"),
        CriterionField("tax_grade", "纳税信用等级", _TEXT, "级", tuple((grade, f"{grade} 级") for grade in "ABMCD")),
        CriterionField("top_customer_share", "第一大客户占比", _DECIMAL, "%"),
        CriterionField("top_supplier_share", "第一大供应商占比", _DECIMAL, "%"),
        CriterionField("void_share", "作废发票占比", _DECIMAL, "%"),
    )
}  # fmt: skip


def is_open(state: str, valid_from: date, valid_to: date | None, on: date) -> bool:
    """May firms apply for a version on a day?"""
    return state == VersionState.PUBLISHED and valid_from <= on and (valid_to is None or on < valid_to)


def with_districts(districts: Iterable[tuple[str, str]]) -> dict[str, CriterionField]:
    """Return the register with the city's (code, name) pairs as the choices of its district."""
    return {**REGISTER, "district": replace(REGISTER["district"], choices=tuple(districts))}


def typed(register: Mapping[str, CriterionField]) -> dict[str, Field]:
    """Return the fields of a register, to read and compile criteria with."""
    return {
        code: Field(code, field.kind, frozenset(choice for choice, _ in field.choices))
        for code, field in register.items()
    }


# What stored criteria are read with: a district that is no more must not make an old version unreadable.
FIELDS = typed(REGISTER)


def read_criteria(given: Iterable[CriterionTerms], fields: Mapping[str, Field]) -> list[Criterion]:
    """Return the typed criteria of a product.

    Raises UnableToReadCriterion, UnableToList where one stands twice or the hard ones cannot all be met.
    """
    criteria = [read_criterion(fields, one.field, one.operator, one.operand, is_hard=one.is_hard) for one in given]
    said = {(one.field, one.operator, one.operand) for one in criteria}
    if len(said) < len(criteria):
        raise UnableToList("同一准入条件重复出现", field="criteria", remedy="请删除重复的条件")
    if len(criteria) > MOST_CRITERIA:
        raise UnableToList(f"准入条件不能超过 {MOST_CRITERIA} 条", field="criteria")
    against = contradiction(criteria, fields)
    if against:
        demands = "、".join(f"“{REGISTER[one.field].demand(one.operator, one.operand)}”" for one in against)
        label = REGISTER[against[0].field].label
        raise UnableToList(
            f"“{label}”的条件 {demands} 不可能同时满足，没有企业能够符合",
            field="criteria",
            remedy="请修改或删除其中一条",
        )
    return criteria


def check_terms(terms: ProductTerms, districts: Collection[str]) -> None:
    """Refuse terms that contradict themselves or the city. Raises UnableToList with the field at fault."""
    name = " ".join(terms.name.split())
    if not name or len(name) > 60 or "\x00" in terms.name + terms.summary:
        raise UnableToList("产品名称应为 1 至 60 个字符", field="name")
    if len(terms.summary) > 500:
        raise UnableToList("产品简介不能超过 500 个字符", field="summary")
    if not 0 <= terms.rate_min <= terms.rate_max:
        raise UnableToList("最低年利率不能为负，也不能高于最高年利率", field="rate_min")
    if terms.rate_max > MOST_RATE:
        raise UnableToList("年利率超出可受理范围", field="rate_max", remedy="4.35% 请填写 4.35")
    if not 0 < terms.limit_min_fen <= terms.limit_max_fen <= MOST_FEN:
        raise UnableToList("最低额度应大于零，且不高于最高额度", field="limit_min_fen")
    if not 1 <= terms.months_min <= terms.months_max <= MOST_MONTHS:
        raise UnableToList(f"期限应在 1 至 {MOST_MONTHS} 个月之间，最短不长于最长", field="months_min")
    if not terms.methods or len(set(terms.methods)) < len(terms.methods):
        raise UnableToList("请至少选择一种还款方式，且不重复", field="methods")
    if not 1 <= terms.promised_days <= MOST_PROMISED_DAYS:
        raise UnableToList(f"承诺办理时间应在 1 至 {MOST_PROMISED_DAYS} 个工作日之间", field="promised_days")
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise UnableToList("停止受理日期必须晚于开始日期", field="valid_to")
    _check_lists(terms, districts)


def _check_lists(terms: ProductTerms, districts: Collection[str]) -> None:
    if not set(terms.regions) <= set(districts) or len(set(terms.regions)) < len(terms.regions):
        raise UnableToList("服务区域应为本市区划代码，且不重复", field="regions", remedy="请从列表中选择")
    if len(set(terms.purposes)) < len(terms.purposes):
        raise UnableToList("贷款用途不能重复", field="purposes")
    if len(terms.fees) > MOST_FEES:
        raise UnableToList(f"收费项目不能超过 {MOST_FEES} 项", field="fees")
    for fee in terms.fees:
        _check_fee(fee)


def _check_fee(fee: FeeTerms) -> None:
    if not fee.name.strip() or len(fee.name) > 40:
        raise UnableToList("收费项目名称应为 1 至 40 个字符", field="fees")
    fixed = fee.basis is FeeBasis.FIXED_ONCE
    right = (
        (0 < fee.amount_fen <= MOST_FEN and not fee.rate)
        if fixed
        else (0 < fee.rate <= MOST_RATE and not fee.amount_fen)
    )
    if not right:
        raise UnableToList(
            f"收费“{fee.name[:20]}”的标准与计费方式不符", field="fees", remedy="按比例填费率，按次填金额"
        )


def cost_example(terms: ProductTerms, *, amount_fen: int | None, months: int | None, on: date) -> CostExample:
    """Return what a loan costs at most: highest rate, all fees, first repayment method, interest on actual days/360.

    What is not asked for, or lies outside the product's limits, is the nearest the product offers.
    """
    amount = min(max(amount_fen or terms.limit_max_fen, terms.limit_min_fen), terms.limit_max_fen)
    term = min(max(months or MONTHS_OF_EXAMPLE, terms.months_min), terms.months_max)
    method = terms.methods[0]
    lines = plan(Terms(amount, terms.rate_max, method, DayCount.ACT_360, on, term))
    fees = [payment for fee in terms.fees for payment in _payments(fee, amount, term, on)]
    return CostExample(
        amount_fen=amount,
        months=term,
        method=method,
        annual_rate=annual_cost(amount, lines, started_on=on, fees=fees).compound,
        interest_fen=sum(line.interest_fen for line in lines),
        fees_fen=sum(fee.amount_fen for fee in fees),
    )


def _payments(fee: FeeTerms, amount_fen: int, months: int, on: date) -> Iterable[Fee]:
    share = int((fee.rate * amount_fen).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if fee.basis is not FeeBasis.AMOUNT_YEARLY:
        yield Fee(on, fee.amount_fen if fee.basis is FeeBasis.FIXED_ONCE else share)
        return
    day = min(on.day, 28)  # a day every month has: only the month counts
    for year in range(-(-months // MONTHS_A_YEAR)):
        yield Fee(date(on.year + year, on.month, day) if year else on, share)
