"""The table of signals, and from a number to its grade. Pure: numbers and thresholds come in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from finmart.centres.governance.warnings.types import Grade, Signal, SignalCode

LONGEST_TEXT = 500
RECENT_MONTHS = 3
YEAR = 12
_SHARE = Decimal("0.01")  # shares are kept as fractions and shown in percent

_ROWS = (
    Signal(
        SignalCode.OVERDUE, ("overdue_count",),
        "在贷贷款最早一期未还的逾期天数（平台在贷业务）",
        "最长逾期 {value} 天", "联系企业与贷款机构，核实还款来源",
    ),
    Signal(
        SignalCode.GUARANTEES, ("guaranteed_fen", "net_assets_fen", "registered_capital_fen"),
        "对外保证余额（平台在保余额与征信平台余额取大者）除以净资产；净资产未知时以注册资本代替，两者都未知则不判断",
        "对外保证余额为净资产（或注册资本）的 {value} 倍", "核实担保关系与代偿能力，查看压力推演",
    ),
    Signal(
        SignalCode.SALES_DROP, ("monthly_sales",),
        "一减最近3个完整月开票净销售额与上年同期之比；任一月份未知或上年同期不为正则不判断",
        "最近3个月开票净销售额同比下降 {value}%", "走访企业，核实经营状况", _SHARE,
    ),
    Signal(
        SignalCode.TAX_DROP, ("annual_tax_fen", "previous_annual_tax_fen"),
        "一减近12个月纳税额与再前12个月之比；两数须为同一日供数，否则取上年同日的数；缺任一数或前期不为正则不判断",
        "近12个月纳税额同比下降 {value}%", "核实减税原因（退税、停产、转移开票），走访企业", _SHARE,
    ),
    Signal(
        SignalCode.UTILITY_DROP, ("electricity_kwh", "previous_electricity_kwh"),
        "一减近12个月用电量与再前12个月之比；两数须为同一日供数，否则取上年同日的数；缺任一数或前期不为正则不判断",
        "近12个月用电量同比下降 {value}%", "现场查看开工情况，核对用电户号有无变更", _SHARE,
    ),
    Signal(
        SignalCode.HEADCOUNT_DROP, ("insured_employees", "insured_employees_year_ago"),
        "一减参保人数与上年同期之比；两数须为同一日供数，否则取上年同日的数；缺任一数或上年为零则不判断",
        "参保人数同比下降 {value}%", "核实裁员、欠薪或转移用工情况", _SHARE,
    ),
    Signal(
        SignalCode.CUSTOMER_LOSS, ("customer_count",),
        "一减近12个月客户数量与上年同日所见客户数量之比；没有上年的数则不判断",
        "客户数量同比减少 {value}%", "了解流失客户及原因，核对应收账款", _SHARE,
    ),
    Signal(
        SignalCode.VOIDED, ("void_share",),
        "近12个完整月作废销项发票张数占全部销项发票张数的比例",
        "作废发票占 {value}%", "抽查作废发票的合同与货物流", _SHARE,
    ),
    Signal(
        SignalCode.LITIGATION, ("litigation_count",),
        "涉诉次数（由数据来源提供）", "涉诉 {value} 次", "查阅案件情况，核实被诉金额",
    ),
    Signal(
        SignalCode.DEFENDANT, ("defendant_cases",),
        "近12个月作为被告的案件数", "近12个月被诉 {value} 件", "查阅案由与标的，核实是否影响偿债",
    ),
    Signal(
        SignalCode.ENFORCEMENT, ("enforced_amount_fen",),
        "被执行金额，以万元计", "被执行金额 {value} 万元", "核实执行进展与财产保全", Decimal(1_000_000),
    ),
    Signal(
        SignalCode.DISHONEST, ("is_dishonest_debtor",),
        "列入失信被执行人名单记 1，否则记 0；来源未说明则不判断", "列入失信被执行人名单",
        "暂停推荐新产品，核实在贷风险",
    ),
    Signal(
        SignalCode.ABNORMAL, ("is_listed_abnormal",),
        "列入经营异常名录记 1，否则记 0；来源未说明则不判断", "列入经营异常名录",
        "提示企业办理移出，核实住所与年报",
    ),
    Signal(
        SignalCode.LEGAL_PERSON, ("legal_person_changes",),
        "近12个月法定代表人变更次数", "近12个月法定代表人变更 {value} 次",
        "核实实际控制人是否变化、连带责任是否有效",
    ),
    Signal(
        SignalCode.TAX_ARREARS, ("tax_arrears_fen",),
        "欠税余额，以万元计", "欠税 {value} 万元", "核实缴税计划，关注税务保全", Decimal(1_000_000),
    ),
    Signal(
        SignalCode.INSURANCE_ARREARS, ("insurance_arrears_months",),
        "欠缴社会保险费的月数", "欠缴社保 {value} 个月", "核实资金周转与欠薪情况",
    ),
    Signal(
        SignalCode.UTILITY_ARREARS, ("overdue_bills",),
        "水电费逾期次数", "水电费逾期 {value} 次", "现场查看开工情况，核实资金周转",
    ),
    Signal(
        SignalCode.PENALTIES, ("penalties",),
        "近12个月行政处罚次数", "近12个月受行政处罚 {value} 次", "查阅处罚事由，核实整改",
    ),
    Signal(
        SignalCode.LENDERS, ("lenders_with_balance",),
        "有余额的授信机构数", "在 {value} 家机构有授信余额",
        "核实总负债与用途，提示机构防范多头授信",
    ),
    Signal(
        SignalCode.QUERY_GAP, ("credit_queries",),
        "近6个月征信查询次数，与平台内申请过或因贷款审查查看过其数据的机构数取大者；同期在平台签约的不判断",
        "近6个月 {value} 次查询或申请，没有一次获得授信", "了解未获授信的原因，防止转向民间融资",
    ),
)  # fmt: skip

SIGNALS: dict[SignalCode, Signal] = {row.code: row for row in _ROWS}


def grade_of(value: Decimal | None, thresholds: Mapping[Grade, Decimal]) -> Grade | None:
    """Return the worst grade whose threshold the value reaches; None where it reaches none or is not known."""
    if value is None:
        return None
    return next((grade for grade in Grade if grade in thresholds and value >= thresholds[grade]), None)


def is_worse(one: Grade, other: Grade) -> bool:
    """Is the first grade worse than the second?"""
    order = list(Grade)
    return order.index(one) < order.index(other)


def sales_drop(months: Sequence[tuple[str, int]]) -> Decimal | None:
    """Return by what share the latest three months' sales fell below the same months a year before.

    ``months`` are (``2019-07``, fen), the oldest first, without a hole. None where a month is not there or the year
    before was not above zero. Below zero where sales rose.
    """
    if len(months) < YEAR + RECENT_MONTHS:
        return None
    recent = sum(fen for _, fen in months[-RECENT_MONTHS:])
    before = sum(fen for _, fen in months[-YEAR - RECENT_MONTHS : -YEAR])
    return None if before <= 0 else (1 - Decimal(recent) / Decimal(before)).quantize(Decimal("0.000001"))


def shown(signal: Signal, value: Decimal) -> str:
    """Return a value of the signal as a page writes it."""
    return f"{(value / signal.scale).quantize(Decimal('0.1')).normalize():f}"


def evidence(signal: Signal, value: Decimal) -> str:
    """Return the sentence that says what was seen."""
    return signal.evidence.format(value=shown(signal, value))
