"""The table of fact types: what each is called, how it is computed, how sensitive it is. One row per fact type.

What sources record stands here, what invoices say in ``invoice_types.py``.
"""

from dataclasses import dataclass

from finmart.kit.codes import Code


class FactKind(Code):
    BOOLEAN = "BOOLEAN", "是否"
    DATE = "DATE", "日期"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    SERIES = "SERIES", "逐月金额"
    TEXT = "TEXT", "文字"
    TIES = "TIES", "名单"


@dataclass(frozen=True, slots=True)
class FactType:
    """A kind of fact. Amounts are whole fen with the unit 元; shares are fractions with the unit %.

    ``grade`` is the level of JR/T 0197-2020 (1 open … 5 most sensitive; our grading). ``choices`` are (code, label)
    pairs of a closed list. Nobody may record what ``is_computed`` from invoices or ``is_derived`` from other facts.
    ``is_supplied`` facts come from the feeds of ``packs/<city>/sources.toml`` alone: a firm cannot say them of itself.
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
    is_derived: bool = False
    is_supplied: bool = False

    @property
    def is_recordable(self) -> bool:
        return not (self.is_computed or self.is_derived)


BASICS, FINANCE, CREDIT, LAW = "基本情况", "财务", "信用", "司法"
INNOVATION, PEOPLE, OWNERSHIP = "创新", "人员", "股权与关联"
ENERGY, ABROAD = "用能", "进出口"
_INT, _TEXT, _TIES = FactKind.INTEGER, FactKind.TEXT, FactKind.TIES
_SIZES = (("MICRO", "微型企业"), ("SMALL", "小型企业"), ("MEDIUM", "中型企业"), ("LARGE", "大型企业"))


_OWNERSHIPS = (
    ("PRIVATE", "民营企业"), ("STATE", "国有及国有控股企业"), ("FOREIGN", "外商及港澳台投资企业"),
    ("OTHER", "集体及其他"),
)  # fmt: skip


def _recorded(
    code: str, label: str, kind: FactKind, unit: str = "", *, group: str = BASICS, grade: int = 2,
    choices: tuple[tuple[str, str], ...] = (),
) -> FactType:  # fmt: skip
    return FactType(code, label, kind, unit, group, grade, "由来源提供，平台不计算", choices)


def _derived(
    code: str, label: str, formula: str, *, grade: int, choices: tuple[tuple[str, str], ...] = ()
) -> FactType:  # fmt: skip
    return FactType(code, label, _TEXT, "", BASICS, grade, formula, choices, is_derived=True)


def _supplied(
    code: str, label: str, kind: FactKind, unit: str, group: str, *, grade: int = 3,
    choices: tuple[tuple[str, str], ...] = (),
) -> FactType:  # fmt: skip
    formula = "由供数单位提供，平台不计算，企业不能自报"
    return FactType(code, label, kind, unit, group, grade, formula, choices, is_supplied=True)


RECORDED_TYPES = (
    _recorded("established_on", "成立日期", FactKind.DATE, grade=1),
    _recorded("industry_code", "行业代码（GB/T 4754）", _TEXT, grade=1),
    _recorded("industry_section", "所属行业门类", _TEXT, grade=1),
    _derived("industry_cluster", "产业创新集群", "由行业代码按城市配置中各集群所含的行业归集", grade=1),
    _derived("size_class", "企业规模",
             "由行业代码、从业人数、年营业收入、资产总额按《统计上大中小微型企业划分办法（2017）》划分；缺所需指标则暂缺",
             grade=2, choices=_SIZES),
    _recorded("ownership", "所有制", _TEXT, grade=1, choices=_OWNERSHIPS),
    _recorded("registered_capital_fen", "注册资本", _INT, "元", grade=1),
    _recorded("annual_revenue_fen", "年营业收入", _INT, "元", group=FINANCE, grade=3),
    _recorded("total_assets_fen", "资产总额", _INT, "元", group=FINANCE, grade=3),
    _recorded("net_assets_fen", "净资产", _INT, "元", group=FINANCE, grade=3),
    _recorded("annual_tax_fen", "近12个月纳税额", _INT, "元", group=FINANCE, grade=3),
    _recorded("overdue_count", "逾期次数", _INT, "次", group=CREDIT, grade=4),
    _recorded("tax_grade", "纳税信用等级", _TEXT, "级", group=CREDIT,
              choices=tuple((grade, f"{grade} 级") for grade in "ABMCD")),
    _recorded("litigation_count", "涉诉次数", _INT, "次", group=LAW),
    _recorded("is_high_tech", "高新技术企业", FactKind.BOOLEAN, group=INNOVATION, grade=1),
    _recorded("employees", "从业人数", _INT, "人", group=PEOPLE),
    _recorded("shareholders", "股东", _TIES, "方", group=OWNERSHIP, grade=3),
    _recorded("investments", "对外投资企业", _TIES, "家", group=OWNERSHIP),
    _supplied("legal_person_changes", "近12个月法定代表人变更次数", _INT, "次", BASICS, grade=1),
    _supplied("is_listed_abnormal", "列入经营异常名录", FactKind.BOOLEAN, "", CREDIT, grade=1),
    _supplied("previous_annual_tax_fen", "再前12个月纳税额", _INT, "元", FINANCE),
    _supplied("tax_arrears_fen", "欠税余额", _INT, "元", CREDIT),
    _supplied("insured_employees", "参保人数", _INT, "人", PEOPLE, grade=2),
    _supplied("insured_employees_year_ago", "上年同期参保人数", _INT, "人", PEOPLE, grade=2),
    _supplied("insurance_arrears_months", "欠缴社保月数", _INT, "个月", PEOPLE),
    _supplied("defendant_cases", "近12个月作为被告的案件数", _INT, "件", LAW, grade=2),
    _supplied("enforced_amount_fen", "被执行金额", _INT, "元", LAW, grade=2),
    _supplied("is_dishonest_debtor", "失信被执行人", FactKind.BOOLEAN, "", LAW, grade=1),
    _supplied("electricity_kwh", "近12个月用电量", _INT, "千瓦时", ENERGY),
    _supplied("previous_electricity_kwh", "再前12个月用电量", _INT, "千瓦时", ENERGY),
    _supplied("water_tonnes", "近12个月用水量", _INT, "吨", ENERGY),
    _supplied("overdue_bills", "水电费逾期次数", _INT, "次", ENERGY),
    _supplied("invention_patents", "有效发明专利", _INT, "件", INNOVATION, grade=1),
    _supplied("utility_model_patents", "有效实用新型专利", _INT, "件", INNOVATION, grade=1),
    _supplied("patents_granted", "近12个月授权专利", _INT, "件", INNOVATION, grade=1),
    _supplied("exports_fen", "近12个月出口额", _INT, "元", ABROAD),
    _supplied("imports_fen", "近12个月进口额", _INT, "元", ABROAD),
    _supplied("customs_grade", "海关信用等级", _TEXT, "", ABROAD, grade=2,
              choices=(("ADVANCED", "高级认证企业"), ("REGISTERED", "注册登记和备案企业"), ("DISHONEST", "失信企业"))),
    _supplied("credit_queries", "近6个月征信查询次数", _INT, "次", CREDIT, grade=4),
    _supplied("lenders_with_balance", "有余额的授信机构数", _INT, "家", CREDIT, grade=4),
    _supplied("guaranteed_fen", "对外担保余额", _INT, "元", CREDIT, grade=4),
    _supplied("settlement_inflow_fen", "近12个月结算流入", _INT, "元", FINANCE, grade=4),
    _supplied("confirmed_receivables_fen", "已确权应收账款", _INT, "元", FINANCE),
    _supplied("digital_yuan_receipts_fen", "近12个月数字人民币收款", _INT, "元", FINANCE),
    _supplied("penalties", "近12个月行政处罚次数", _INT, "次", LAW, grade=1),
    _supplied("subsidies_fen", "近12个月财政补助", _INT, "元", FINANCE, grade=2),
)  # fmt: skip
