"""The table of fact types: what each is called, how it is computed, how sensitive it is. One row per fact type."""

from dataclasses import dataclass

from finmart.kit.codes import Code


class FactKind(Code):
    BOOLEAN = "BOOLEAN", "是否"
    DATE = "DATE", "日期"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    SERIES = "SERIES", "逐月金额"
    TEXT = "TEXT", "文字"


@dataclass(frozen=True, slots=True)
class FactType:
    """A kind of fact. Amounts are whole fen with the unit 元; shares are fractions with the unit %.

    ``grade`` is the level of JR/T 0197-2020 (1 open … 5 most sensitive; our grading). ``choices`` are (code, label)
    pairs of a closed list. ``is_computed`` facts come from invoices and nobody may record them. ``is_supplied`` facts
    come from the feeds of ``packs/<city>/sources.toml`` alone: a firm cannot say them of itself.
    """

    code: str
    label: str
    kind: FactKind
    unit: str
    group: str
    grade: int
    formula: str
    choices: tuple[tuple[str, str], ...] = ()
    is_computed: bool = False
    is_supplied: bool = False


_TRADE, _PARTNERS, _HABITS, _BASICS, _CREDIT = "经营", "客户与供应商", "开票习惯", "基本情况", "信用"
_PEOPLE, _ENERGY, _INNOVATION, _ABROAD = "用工", "用能", "创新", "进出口"
_INT, _DEC, _TEXT = FactKind.INTEGER, FactKind.DECIMAL, FactKind.TEXT
_WINDOW = "近12个完整月"
_NET_SALES = f"{_WINDOW}有效销项发票不含税金额之和，红字冲减"
_SQUARES_OF_BUYERS = f"{_WINDOW}各购方净销售额占比的平方和（0 至 1）"
_SIZES = (("MICRO", "微型企业"), ("SMALL", "小型企业"), ("MEDIUM", "中型企业"), ("LARGE", "大型企业"))


def _computed(code: str, label: str, kind: FactKind, unit: str, group: str, formula: str) -> FactType:
    return FactType(code, label, kind, unit, group, 3, formula, is_computed=True)


def _recorded(
    code: str, label: str, kind: FactKind, unit: str = "", *, group: str = _BASICS, grade: int = 2,
    choices: tuple[tuple[str, str], ...] = (),
) -> FactType:  # fmt: skip
    return FactType(code, label, kind, unit, group, grade, "由来源提供，平台不计算", choices)


def _supplied(
    code: str, label: str, kind: FactKind, unit: str, group: str, *, grade: int = 3,
    choices: tuple[tuple[str, str], ...] = (),
) -> FactType:  # fmt: skip
    formula = "由供数单位提供，平台不计算，企业不能自报"
    return FactType(code, label, kind, unit, group, grade, formula, choices, is_supplied=True)


_ROWS = (
    _computed("monthly_sales", "逐月开票销售额", FactKind.SERIES, "元", _TRADE,
              "近24个完整月每月有效销项发票不含税金额之和，红字冲减；首张发票之前的月份不列"),
    _computed("monthly_purchases", "逐月开票采购额", FactKind.SERIES, "元", _TRADE,
              "近24个完整月每月有效进项发票不含税金额之和，红字冲减；首张发票之前的月份不列"),
    _computed("annual_sales_fen", "近12个月开票销售额", _INT, "元", _TRADE, _NET_SALES),
    _computed("annual_purchases_fen", "近12个月开票采购额", _INT, "元", _TRADE,
              f"{_WINDOW}有效进项发票不含税金额之和，红字冲减"),
    _computed("sales_growth", "开票销售额同比增长", _DEC, "%", _TRADE,
              f"{_WINDOW}销售额除以再前12个月销售额减一；不足24个月或前期不为正则暂缺"),
    _computed("sales_volatility", "开票销售额波动系数", _DEC, "", _TRADE,
              f"{_WINDOW}月销售额的标准差（总体）除以月均值；不足6个月或均值不为正则暂缺"),
    _computed("sales_seasonality", "开票销售额季节性", _DEC, "", _TRADE,
              "近24个完整月按自然月平均后，最大值与最小值之差除以月均值；不足24个月或均值不为正则暂缺"),
    _recorded("annual_revenue_fen", "年营业收入", _INT, "元", group=_TRADE, grade=3),
    _recorded("net_assets_fen", "净资产", _INT, "元", group=_TRADE, grade=3),
    _recorded("annual_tax_fen", "近12个月纳税额", _INT, "元", group=_TRADE, grade=3),
    _computed("customer_count", "客户数量", _INT, "家", _PARTNERS, f"{_WINDOW}有正数有效销项发票的购方数"),
    _computed("top_customer_share", "第一大客户占比", _DEC, "%", _PARTNERS,
              f"{_WINDOW}净销售额最大的购方占各正数购方净销售额之和的比例"),
    _computed("customer_concentration", "客户集中度", _DEC, "", _PARTNERS, _SQUARES_OF_BUYERS),
    _computed("supplier_count", "供应商数量", _INT, "家", _PARTNERS, f"{_WINDOW}有正数有效进项发票的销方数"),
    _computed("top_supplier_share", "第一大供应商占比", _DEC, "%", _PARTNERS,
              f"{_WINDOW}净采购额最大的销方占各正数销方净采购额之和的比例"),
    _computed("supplier_concentration", "供应商集中度", _DEC, "", _PARTNERS,
              f"{_WINDOW}各销方净采购额占比的平方和（0 至 1）"),
    _computed("void_share", "作废发票占比", _DEC, "%", _HABITS, f"{_WINDOW}作废销项发票张数除以全部销项发票张数"),
    _computed("red_letter_share", "红字发票占比", _DEC, "%", _HABITS, f"{_WINDOW}红字销项发票张数除以有效销项发票张数"),
    _computed("invoice_active_months", "有开票的月数", _INT, "个月", _HABITS, "近24个完整月中有有效销项发票的月数"),
    _computed("invoice_gap_months", "连续未开票的最长月数", _INT, "个月", _HABITS,
              "近24个完整月中，首张发票之后连续没有有效销项发票的最长月数"),
    _recorded("employees", "从业人数", _INT, "人"),
    _recorded("established_on", "成立日期", FactKind.DATE, grade=1),
    _recorded("industry_cluster", "产业创新集群", _TEXT, grade=1),
    _recorded("industry_code", "行业代码（GB/T 4754）", _TEXT, grade=1),
    _recorded("industry_section", "所属行业门类", _TEXT, grade=1),
    _recorded("is_high_tech", "高新技术企业", FactKind.BOOLEAN, grade=1),
    _recorded("registered_capital_fen", "注册资本", _INT, "元", grade=1),
    _recorded("size_class", "企业规模", _TEXT, choices=_SIZES),
    _recorded("litigation_count", "涉诉次数", _INT, "次", group=_CREDIT),
    _recorded("overdue_count", "逾期次数", _INT, "次", group=_CREDIT, grade=4),
    _recorded("tax_grade", "纳税信用等级", _TEXT, "级", group=_CREDIT,
              choices=tuple((grade, f"{grade} 级") for grade in "ABMCD")),
    _supplied("legal_person_changes", "近12个月法定代表人变更次数", _INT, "次", _BASICS, grade=1),
    _supplied("is_listed_abnormal", "列入经营异常名录", FactKind.BOOLEAN, "", _CREDIT, grade=1),
    _supplied("previous_annual_tax_fen", "再前12个月纳税额", _INT, "元", _TRADE),
    _supplied("tax_arrears_fen", "欠税余额", _INT, "元", _CREDIT),
    _supplied("insured_employees", "参保人数", _INT, "人", _PEOPLE, grade=2),
    _supplied("insured_employees_year_ago", "上年同期参保人数", _INT, "人", _PEOPLE, grade=2),
    _supplied("insurance_arrears_months", "欠缴社保月数", _INT, "个月", _PEOPLE),
    _supplied("defendant_cases", "近12个月作为被告的案件数", _INT, "件", _CREDIT, grade=2),
    _supplied("enforced_amount_fen", "被执行金额", _INT, "元", _CREDIT, grade=2),
    _supplied("is_dishonest_debtor", "失信被执行人", FactKind.BOOLEAN, "", _CREDIT, grade=1),
    _supplied("electricity_kwh", "近12个月用电量", _INT, "千瓦时", _ENERGY),
    _supplied("previous_electricity_kwh", "再前12个月用电量", _INT, "千瓦时", _ENERGY),
    _supplied("water_tonnes", "近12个月用水量", _INT, "吨", _ENERGY),
    _supplied("overdue_bills", "水电费逾期次数", _INT, "次", _ENERGY),
    _supplied("invention_patents", "有效发明专利", _INT, "件", _INNOVATION, grade=1),
    _supplied("utility_model_patents", "有效实用新型专利", _INT, "件", _INNOVATION, grade=1),
    _supplied("patents_granted", "近12个月授权专利", _INT, "件", _INNOVATION, grade=1),
    _supplied("exports_fen", "近12个月出口额", _INT, "元", _ABROAD),
    _supplied("imports_fen", "近12个月进口额", _INT, "元", _ABROAD),
    _supplied("customs_grade", "海关信用等级", _TEXT, "", _ABROAD, grade=2,
              choices=(("ADVANCED", "高级认证企业"), ("REGISTERED", "注册登记和备案企业"), ("DISHONEST", "失信企业"))),
    _supplied("credit_queries", "近6个月征信查询次数", _INT, "次", _CREDIT, grade=4),
    _supplied("lenders_with_balance", "有余额的授信机构数", _INT, "家", _CREDIT, grade=4),
    _supplied("guaranteed_fen", "对外担保余额", _INT, "元", _CREDIT, grade=4),
    _supplied("settlement_inflow_fen", "近12个月结算流入", _INT, "元", _TRADE, grade=4),
    _supplied("confirmed_receivables_fen", "已确权应收账款", _INT, "元", _TRADE),
    _supplied("digital_yuan_receipts_fen", "近12个月数字人民币收款", _INT, "元", _TRADE),
    _supplied("penalties", "近12个月行政处罚次数", _INT, "次", _CREDIT, grade=1),
    _supplied("subsidies_fen", "近12个月财政补助", _INT, "元", _TRADE, grade=2),
)  # fmt: skip

FACT_TYPES: dict[str, FactType] = {row.code: row for row in _ROWS}
