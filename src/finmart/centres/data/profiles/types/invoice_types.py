"""The computed part of the table of fact types: what invoices say. Formulas are carried out in ``rules/``.

*Complete* months end with the latest whole month of the data; a firm is *covered* from its first effective invoice of
a side. Where a formula names neither, it reads all effective invoices up to the day of the fact.
"""

from finmart.centres.data.profiles.types.fact_types import FactKind, FactType

SCALE, GROWTH, STEADY = "经营规模", "增长", "稳定与季节"
PARTNERS, NETWORK, HABITS, TAX = "客户与供应商", "往来网络", "开票习惯", "税务与进销"
INVOICES = "增值税发票"
_INT, _DEC = FactKind.INTEGER, FactKind.DECIMAL
_WINDOW = "近12个完整月"
_NET = "不含税金额之和，红字冲减"
_SIDES = (
    ("sales", "customer", "销售额", "销项", "客户", "购方"),
    ("purchases", "supplier", "采购额", "进项", "供应商", "销方"),
)


def _row(code: str, label: str, kind: FactKind, unit: str, group: str, formula: str, grade: int = 3) -> FactType:
    return FactType(code, label, kind, unit, group, grade, formula, is_computed=True)


def _pair(
    code: str, label: str, kind: FactKind, unit: str, group: str, formula: str, *, of_partner: bool = False
) -> tuple[FactType, FactType]:  # fmt: skip
    """Return the row of sales and its twin of purchases; 〈额〉〈票〉〈户〉〈方〉 stand for the words of the side."""
    rows = []
    for side, partner, amount, invoice, customer, other in _SIDES:
        words = (("〈额〉", amount), ("〈票〉", invoice), ("〈户〉", customer), ("〈方〉", other))
        texts = [label, formula]
        for sign, word in words:
            texts = [text.replace(sign, word) for text in texts]
        name = code.replace("*", partner if of_partner else side)
        rows.append(_row(name, texts[0], kind, unit, group, texts[1]))
    return rows[0], rows[1]


_SCALE = (
    _row("monthly_sales", "逐月开票销售额", FactKind.SERIES, "元", SCALE,
         f"近24个完整月每月有效销项发票{_NET}；首张发票之前的月份不列"),
    _row("monthly_purchases", "逐月开票采购额", FactKind.SERIES, "元", SCALE,
         f"近24个完整月每月有效进项发票{_NET}；首张发票之前的月份不列"),
    *_pair("annual_*_fen", "近12个月开票〈额〉", _INT, "元", SCALE, f"{_WINDOW}有效〈票〉发票{_NET}"),
    *_pair("*_3m_fen", "近3个月开票〈额〉", _INT, "元", SCALE, f"近3个完整月有效〈票〉发票{_NET}；不足3个月则暂缺"),
    *_pair("*_6m_fen", "近6个月开票〈额〉", _INT, "元", SCALE, f"近6个完整月有效〈票〉发票{_NET}；不足6个月则暂缺"),
    *_pair("*_24m_fen", "近24个月开票〈额〉", _INT, "元", SCALE, f"近24个完整月有效〈票〉发票{_NET}；不足24个月则暂缺"),
    *_pair("*_month_median_fen", "月开票〈额〉中位数", _INT, "元", SCALE,
           "首张有效〈票〉发票以来各完整月净额的中位数，无票月计为零"),
    _row("value_added_fen", "近12个月增值额", _INT, "元", SCALE,
         "近12个月开票销售额减开票采购额，即偿还借款的毛利来源；任一方无记录则暂缺"),
)  # fmt: skip
_GROWTH = (
    *_pair("*_growth", "开票〈额〉同比增长", _DEC, "%", GROWTH,
           f"{_WINDOW}〈额〉除以再前12个月〈额〉减一；不足24个月或前期不为正则暂缺"),
    *_pair("*_growth_6m", "近6个月开票〈额〉同比增长", _DEC, "%", GROWTH,
           "近6个完整月〈额〉除以上年同期〈额〉减一；不足18个月或上年同期不为正则暂缺"),
    *_pair("*_growth_3m", "近3个月开票〈额〉同比增长", _DEC, "%", GROWTH,
           "近3个完整月〈额〉除以上年同期〈额〉减一；不足15个月或上年同期不为正则暂缺"),
    *_pair("*_momentum", "近3个月开票〈额〉环比增长", _DEC, "%", GROWTH,
           "近3个完整月〈额〉除以再前3个月〈额〉减一；不足6个月或前期不为正则暂缺"),
    *_pair("*_trend", "开票〈额〉月趋势", _DEC, "%", GROWTH,
           f"{_WINDOW}月〈额〉对月序的最小二乘斜率除以月均值；不足12个月或均值不为正则暂缺"),
    _row("sales_declining_months", "销售额同比下降的月数", _INT, "个月", GROWTH,
         f"{_WINDOW}中销售额低于上年同月的月数；不足24个月则暂缺"),
)  # fmt: skip
_STEADY = (
    *_pair("*_volatility", "开票〈额〉波动系数", _DEC, "", STEADY,
           f"{_WINDOW}月〈额〉的标准差（总体）除以月均值；不足6个月或均值不为正则暂缺"),
    *_pair("*_volatility_24m", "开票〈额〉两年波动系数", _DEC, "", STEADY,
           "近24个完整月月〈额〉的标准差（总体）除以月均值；不足6个月或均值不为正则暂缺"),
    *_pair("*_seasonality", "开票〈额〉季节性", _DEC, "", STEADY,
           "近24个完整月按自然月平均后，最大值与最小值之差除以月均值；不足24个月或均值不为正则暂缺"),
    *_pair("*_peak_share", "最高月〈额〉占比", _DEC, "%", STEADY,
           f"{_WINDOW}中〈额〉最高一个月占全部〈额〉的比例；不足12个月或合计不为正则暂缺"),
    _row("invoice_active_months", "有开票的月数", _INT, "个月", STEADY, "近24个完整月中有有效销项发票的月数"),
    _row("invoice_gap_months", "连续未开票的最长月数", _INT, "个月", STEADY,
         "近24个完整月中，首张发票之后连续没有有效销项发票的最长月数"),
    _row("purchases_active_months", "有采购发票的月数", _INT, "个月", STEADY, "近24个完整月中有有效进项发票的月数"),
    _row("purchases_gap_months", "连续无采购发票的最长月数", _INT, "个月", STEADY,
         "近24个完整月中，首张发票之后连续没有有效进项发票的最长月数"),
    *_pair("*_active_share", "有〈票〉发票的月份占比", _DEC, "%", STEADY,
           "首张有效〈票〉发票以来（含当月），有有效〈票〉发票的月份占比"),
    *_pair("*_quiet_days", "距最近一张〈票〉发票的天数", _INT, "天", STEADY,
           "数据日期减最近一张有效〈票〉发票的开票日"),
    *_pair("*_longest_gap_days", "〈票〉发票最长间断天数", _INT, "天", STEADY,
           "相邻两个〈票〉开票日之间（含至数据日期）的最长天数"),
)  # fmt: skip
_PARTNERS = (
    *_pair("main_*s", "主要〈户〉", FactKind.TIES, "家", PARTNERS,
           f"{_WINDOW}净额最大的10家〈方〉及其占各正数〈方〉净额之和的比例；对外展示时名称脱敏", of_partner=True),
    *_pair("*_count", "〈户〉数量", _INT, "家", PARTNERS, f"{_WINDOW}有正数有效〈票〉发票的〈方〉数", of_partner=True),
    *_pair("top_*_share", "第一大〈户〉占比", _DEC, "%", PARTNERS,
           f"{_WINDOW}净额最大的〈方〉占各正数〈方〉净额之和的比例", of_partner=True),
    *_pair("top5_*_share", "前五大〈户〉占比", _DEC, "%", PARTNERS,
           f"{_WINDOW}净额最大的5家〈方〉占各正数〈方〉净额之和的比例", of_partner=True),
    *_pair("*_concentration", "〈户〉集中度", _DEC, "", PARTNERS,
           f"{_WINDOW}各〈方〉净额占比的平方和（0 至 1）", of_partner=True),
    *_pair("*_top_share_ever", "历史第一大〈户〉占比", _DEC, "%", PARTNERS,
           "全部有效正数〈票〉金额中最大〈方〉的占比", of_partner=True),
    *_pair("*_concentration_ever", "历史〈户〉集中度", _DEC, "", PARTNERS,
           "全部有效正数〈票〉金额按〈方〉占比的平方和（0 至 1）", of_partner=True),
    *_pair("loyal_*_share", "老〈户〉金额占比", _DEC, "%", PARTNERS,
           f"{_WINDOW}有效正数〈票〉金额中，此前已有往来的〈方〉所占；此前无记录则暂缺", of_partner=True),
    *_pair("*_retention", "〈户〉留存率", _DEC, "%", PARTNERS,
           f"再前12个完整月有往来的〈方〉中，{_WINDOW}仍有往来的家数占比；前期无往来则暂缺", of_partner=True),
    *_pair("new_*_count", "新〈户〉数量", _INT, "家", PARTNERS,
           f"{_WINDOW}有往来、此前从无往来的〈方〉数；此前无记录则暂缺", of_partner=True),
    *_pair("*s_a_month", "月均往来〈户〉数", _DEC, "家", PARTNERS,
           f"{_WINDOW}每月有正数有效〈票〉发票的〈方〉数之均值；不足12个月则暂缺", of_partner=True),
    _row("reciprocal_count", "互为客户与供应商的家数", _INT, "家", PARTNERS,
         f"{_WINDOW}既是购方又是销方的对手数；购销任一方无记录则暂缺"),
    _row("reciprocal_share", "互为购销的销售占比", _DEC, "%", PARTNERS,
         f"{_WINDOW}有效正数销项金额中，同期也是销方的购方所占；购销任一方无记录或销项为零则暂缺"),
)  # fmt: skip
_NETWORK = (
    *_pair("shared_*_count", "与平台其他企业共有的〈户〉数", _INT, "家", NETWORK,
           f"{_WINDOW}的〈方〉中，也与平台其他企业有发票往来的家数", of_partner=True),
    *_pair("shared_*_share", "与平台其他企业共有的〈户〉金额占比", _DEC, "%", NETWORK,
           "全部有效正数〈票〉金额中，〈方〉还与平台其他企业往来的占比", of_partner=True),
    *_pair("*_void_elsewhere", "〈户〉在别处的作废占比", _DEC, "%", NETWORK,
           "按〈票〉金额加权：〈方〉与平台其他企业之间作废发票的占比；〈方〉无其他往来则暂缺", of_partner=True),
)  # fmt: skip
_HABITS = (
    _row("void_share", "作废发票占比", _DEC, "%", HABITS, f"{_WINDOW}作废销项发票张数除以全部销项发票张数"),
    _row("red_letter_share", "红字发票占比", _DEC, "%", HABITS, f"{_WINDOW}红字销项发票张数除以有效销项发票张数"),
    *_pair("*_void_share", "历史〈票〉作废占比", _DEC, "%", HABITS, "作废〈票〉发票张数除以全部〈票〉发票张数"),
    *_pair("*_red_share", "历史〈票〉红字金额占比", _DEC, "%", HABITS,
           "有效红字〈票〉发票金额绝对值除以有效正数〈票〉发票金额"),
    *_pair("*_invoices_a_month", "月均〈票〉发票张数", _DEC, "张", HABITS,
           "有效〈票〉发票张数除以首张以来的月数（含当月）"),
    *_pair("*_days_a_month", "月均〈票〉开票日数", _DEC, "天", HABITS,
           "有有效〈票〉发票的日数除以首张以来的月数（含当月）"),
    *_pair("*_weekend_share", "〈票〉周末开票占比", _DEC, "%", HABITS, "有效〈票〉发票中周六、周日开具的张数占比"),
    *_pair("*_weekday_evenness", "〈票〉星期分布均匀度", _DEC, "", HABITS,
           "有效〈票〉发票在周一至周五的分布熵除以 ln 5（1 为完全均匀）"),
    *_pair("*_month_end_share", "〈票〉月末开票占比", _DEC, "%", HABITS,
           f"{_WINDOW}有效〈票〉发票中当月最后3天开具的张数占比"),
    *_pair("*_invoice_mean_fen", "〈票〉单张均额", _INT, "元", HABITS, "有效正数〈票〉发票的不含税金额均值"),
    *_pair("*_largest_fen", "〈票〉最大单张金额", _INT, "元", HABITS, f"{_WINDOW}有效〈票〉发票不含税金额的最大值"),
    *_pair("*_large_share", "〈票〉大额发票占比", _DEC, "%", HABITS,
           f"{_WINDOW}有效正数〈票〉金额中，单张10万元及以上的发票所占（10万元为本产品缺省值）"),
    _row("ceiling_share", "顶额开票占比", _DEC, "%", HABITS,
         "有效正数销项发票中，金额在九千九百至一万、九万九千至十万、九十九万至一百万元之间（发票限额附近）的张数占比"),
    _row("invoice_months_known", "有发票记录的月数", _INT, "个月", HABITS, "首张有效发票至数据日期的月数（含当月）"),
)  # fmt: skip
_TAX = (
    *_pair("*_tax_rate", "〈票〉平均税率", _DEC, "%", TAX, "有效正数〈票〉发票税额之和除以金额之和"),
    *_pair("*_standard_rate_share", "〈票〉基本税率占比", _DEC, "%", TAX,
           f"{_WINDOW}有效正数〈票〉金额中，税额不低于金额12.5%的发票所占（13%、16%、17%等）"),
    *_pair("*_reduced_rate_share", "〈票〉征收率占比", _DEC, "%", TAX,
           f"{_WINDOW}有效正数〈票〉金额中，税额大于零、不超过金额3.5%的发票所占（1%、3%等）"),
    _row("sales_untaxed_share", "销项免税、零税率占比", _DEC, "%", TAX,
         f"{_WINDOW}有效正数销项金额中，税额为零的发票所占"),
    _row("gross_margin", "进销毛利率", _DEC, "%", TAX,
         f"{_WINDOW}销售额减采购额，除以销售额；销售额不为正或无采购记录则暂缺"),
    _row("gross_margin_change", "进销毛利率变化", _DEC, "%", TAX,
         "进销毛利率减再前12个完整月的进销毛利率；不足24个月或任一期销售额不为正则暂缺"),
    _row("purchases_to_sales", "进销比", _DEC, "%", TAX, "有效进项净额除以有效销项净额；销项不为正或无进项记录则暂缺"),
    _row("tax_burden", "增值税负", _DEC, "%", TAX, "销项税额减进项税额，除以销项净额；销项不为正则暂缺"),
)  # fmt: skip

INVOICE_TYPES = (*_SCALE, *_GROWTH, *_STEADY, *_PARTNERS, *_NETWORK, *_HABITS, *_TAX)
