"""The live figure of a clause: one sentence with a number read from the database at that moment."""

from collections.abc import Callable

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.quality import queries as quality_queries
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.governance.emergencies import queries as emergencies_queries
from finmart.centres.governance.feedback import queries as feedback_queries
from finmart.centres.governance.warnings import queries as warnings_queries
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit.actor import Actor
from finmart.kit.money import format_yuan


def audited_acts() -> str:
    return f"{audit_queries.count_rows()} 条审计记录"


def open_products() -> str:
    return f"{catalogue_queries.open_products(per_page=1).total} 个在架产品"


def answered_matches() -> str:
    found = matching_queries.figures()
    known = "" if found.known_share is None else f"，{found.known_share:.0%} 的条件有据可答"
    return f"{found.runs} 次匹配{known}"


def even_exposure() -> str:
    found = matching_queries.quality_for(FIGURES_OF_PLATFORM)
    seen, gap = found.equals, found.widest_gap
    told = (
        "近一年没有可比的匹配"
        if seen.gini is None or seen.least is None
        else f"{seen.institutions} 家同等符合的机构曝光基尼系数 {seen.gini:.2f}，最少者为均等份额的 {seen.least:.0%}"
    )
    gaps = f"按{gap.title}获批率最大相差 {gap.gap:.0%}" if gap else "获批率尚不足以分组比较"
    appeals = feedback_queries.figures()
    return f"{told}，{gaps}；申诉 {appeals.lodged} 件，采纳 {appeals.accepted} 件"


def matches_become_offers() -> str:
    found = matching_queries.quality_for(FIGURES_OF_PLATFORM).precision
    share = "" if found.offer_share is None else f"（{found.offer_share:.0%}）"
    rank = "" if found.median_rank is None else f"，最终签约产品的匹配排名中位数 {found.median_rank:g}"
    return f"近一年 {found.matches} 个符合的匹配中 {found.offers} 个得到报价{share}{rank}"


def loans_in_force() -> str:
    found = servicing_queries.figures()
    return f"{found.loans} 笔贷款在贷，余额 {format_yuan(found.outstanding_fen)} 元"


def applications_brought() -> str:
    by_state = applications_queries.counts_for(FIGURES_OF_PLATFORM).by_state
    taken = sum(by_state.get(state, 0) for state in ("OFFER_ACCEPTED", "SIGNED", "DISBURSED", "SETTLED", "CLOSED"))
    return f"{sum(by_state.values())} 笔申请，其中 {taken} 笔已接受报价"


def reasoned_refusals() -> str:
    counts = applications_queries.counts_for(FIGURES_OF_PLATFORM)
    return f"{counts.by_state.get('REFUSED', 0)} 笔申请未通过，{sum(counts.by_reason.values())} 笔写明原因"


def balanced_postings() -> str:
    balance = funds_queries.trial_balance()
    verdict = "借贷平衡" if balance.ok else "借贷不平衡"
    return f"{funds_queries.count_postings()} 笔记账，{verdict}，借方 {format_yuan(balance.debit_fen)} 元"


def all_in_cost() -> str:
    rate = servicing_queries.figures().annual_rate
    return "暂无在贷" if rate is None else f"在贷综合年化成本（含费用）平均 {rate:.2%}"


def invoices_loaded() -> str:
    found = quality_queries.figures()
    judged = f"，最近一次检查 {found.asked} 条质量规则中 {found.holding} 条达标" if found.asked else ""
    return f"已归集发票 {sources_queries.count_invoices()} 张{judged}"


def known_facts() -> str:
    facts, firms = profiles_queries.count_facts()
    return f"{firms} 家企业的 {facts} 项数据，均有来源和日期"


def consented_reads() -> str:
    found = consents_queries.figures()
    return f"{found.in_force} 份授权生效中；查询 {found.given} 次，拒绝 {found.refused} 次，均有记录"


def steps_decided() -> str:
    found = processes_queries.figures()
    return f"{found.running} 个流程进行中；{found.decided} 个步骤由人办结，{found.timed_out} 个超时自动处理"


def warnings_handled() -> str:
    found, planned = warnings_queries.figures(), emergencies_queries.figures()
    return (
        f"{found.open} 条预警处置中（{found.late} 条已过期限），{found.lifted} 条附理由解除；"
        f"{planned.plans} 个应急预案，应急 {planned.running} 起处置中、{planned.closed} 起已结束，"
        f"演练 {planned.drills} 次（{planned.drills_overdue} 个预案演练逾期）"
    )


def scores_and_reviews() -> str:
    found, asked = risk_queries.figures(), applications_queries.review_figures(FIGURES_OF_PLATFORM)
    scored = f"{found.model}已为 {found.firms} 家企业评分" if found.model else "尚无生效的评分卡"
    drift = "" if found.drift is None else f"，PSI {found.drift:.3f}"
    return f"{scored}{drift}；拒贷人工复核 {asked.requested} 件，撤销拒绝 {asked.reopened} 件"


def areas_at_work() -> str:
    """Return how much of the data module has run: D1 to D7 each have figures of their own."""
    scored, quality = risk_queries.figures(), quality_queries.figures()
    facts, firms = profiles_queries.count_facts()
    return (
        f"{firms} 家企业 {facts} 项数据，{quality.holding}/{quality.asked} 条质量规则达标，{scored.firms} 家已评分，"
        f"{warnings_queries.figures().open} 条预警处置中，{matching_queries.figures().runs} 次匹配"
    )


FIGURES_OF_PLATFORM = Actor.of_system("figures")
FIGURES: dict[str, Callable[[], str]] = {
    "A4-4": areas_at_work,
    "A6": steps_decided,
    "B1": applications_brought,
    "B5": open_products,
    "B6": loans_in_force,
    "B10": balanced_postings,
    "D1": invoices_loaded,
    "D3": known_facts,
    "D4": scores_and_reviews,
    "D5": warnings_handled,
    "D7": answered_matches,
    "F2": consented_reads,
    "F4": audited_acts,
    "O5": all_in_cost,
    "P3": reasoned_refusals,
    "P5": even_exposure,
    "P6": matches_become_offers,
}
