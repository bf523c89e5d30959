"""Closed lists of applications: acts, states, reasons."""

from enum import StrEnum

from finmart.kit.codes import Code


class ApplicationsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    APPLICATION_ACCEPT = "applications:application:accept"
    APPLICATION_CLOSE = "applications:application:close"
    APPLICATION_DISBURSE = "applications:application:disburse"
    APPLICATION_REFUSE = "applications:application:refuse"
    APPLICATION_REOPEN = "applications:application:reopen"
    APPLICATION_RESUBMIT = "applications:application:resubmit"
    APPLICATION_RETURN = "applications:application:return"
    APPLICATION_SETTLE = "applications:application:settle"
    APPLICATION_SIGN = "applications:application:sign"
    APPLICATION_START_REVIEW = "applications:application:start_review"
    APPLICATION_SUBMIT = "applications:application:submit"
    APPLICATION_WITHDRAW = "applications:application:withdraw"
    NEED_DRAFT = "applications:need:draft"
    NEED_REVISE = "applications:need:revise"
    NEED_STATE = "applications:need:state"
    NEED_WITHDRAW = "applications:need:withdraw"
    OFFER_ACCEPT = "applications:offer:accept"
    OFFER_DECLINE = "applications:offer:decline"
    OFFER_EXPIRE = "applications:offer:expire"
    OFFER_MAKE = "applications:offer:make"
    REVIEW_REQUEST = "applications:review:request"
    REVIEW_UPHOLD = "applications:review:uphold"


class NeedState(Code):
    CLOSED = "CLOSED", "已满足"
    DRAFT = "DRAFT", "草稿"
    STATED = "STATED", "已提出"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class ApplicationState(Code):
    """DECLINED is the firm's word, REFUSED the institution's."""

    ACCEPTED = "ACCEPTED", "已受理"
    CLOSED = "CLOSED", "已办结"
    DECLINED = "DECLINED", "企业未接受报价"
    DISBURSED = "DISBURSED", "已放款"
    IN_REVIEW = "IN_REVIEW", "审查审批中"
    OFFERED = "OFFERED", "已报价"
    OFFER_ACCEPTED = "OFFER_ACCEPTED", "已接受报价"
    REFUSED = "REFUSED", "未通过"
    RETURNED = "RETURNED", "退回补正"
    SETTLED = "SETTLED", "已结清"
    SIGNED = "SIGNED", "已签约"
    SUBMITTED = "SUBMITTED", "待受理"
    WITHDRAWN = "WITHDRAWN", "企业已撤回"


ENDED_STATES = frozenset(
    {
        ApplicationState.CLOSED,
        ApplicationState.DECLINED,
        ApplicationState.REFUSED,
        ApplicationState.SETTLED,
        ApplicationState.WITHDRAWN,
    }
)


class Move(Code):
    """What takes an application from one state to another; ``rules.MOVES`` says from which to which."""

    ACCEPT = "ACCEPT", "受理"
    ACCEPT_OFFER = "ACCEPT_OFFER", "接受报价"
    CLOSE = "CLOSE", "办结"
    DECLINE = "DECLINE", "不接受报价"
    DISBURSE = "DISBURSE", "放款"
    LAPSE = "LAPSE", "报价到期"
    MAKE_OFFER = "MAKE_OFFER", "报价"
    REFUSE = "REFUSE", "不予通过"
    RESUBMIT = "RESUBMIT", "重新提交"
    RETURN = "RETURN", "退回补正"
    SETTLE = "SETTLE", "结清"
    SIGN = "SIGN", "签约"
    START_REVIEW = "START_REVIEW", "开始审查"
    WITHDRAW = "WITHDRAW", "撤回申请"


class OfferState(Code):
    ACCEPTED = "ACCEPTED", "已接受"
    DECLINED = "DECLINED", "未接受"
    EXPIRED = "EXPIRED", "已过期"
    OPEN = "OPEN", "待企业答复"
    SUPERSEDED = "SUPERSEDED", "已被新报价替代"
    WITHDRAWN = "WITHDRAWN", "机构已撤销"


class RefusalReason(Code):
    """Why an institution says no. The list is ours; OTHER needs an explanation."""

    CASH_FLOW = "CASH_FLOW", "经营现金流不足以还款"
    COLLATERAL = "COLLATERAL", "担保措施不足"
    CONDITIONS_UNMET = "CONDITIONS_UNMET", "批复条件未落实"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN", "企业已撤回数据授权"
    CREDIT_HISTORY = "CREDIT_HISTORY", "信用记录不符合要求"
    DEBT_LEVEL = "DEBT_LEVEL", "负债水平过高"
    INDUSTRY = "INDUSTRY", "行业不在支持范围"
    LIMIT = "LIMIT", "超出产品或机构授信限额"
    MATERIALS_INCOMPLETE = "MATERIALS_INCOMPLETE", "材料不完整且未补正"
    MATERIALS_UNTRUE = "MATERIALS_UNTRUE", "材料真实性存疑"
    OPERATING_YEARS = "OPERATING_YEARS", "经营年限不足"
    OTHER = "OTHER", "其他原因"
    PURPOSE = "PURPOSE", "贷款用途不符合要求"
    REGION = "REGION", "经营地不在服务区域"


class ReviewOutcome(Code):
    """What a person found who looked at a refusal again."""

    REOPENED = "REOPENED", "撤销拒绝，可重新申请"
    UPHELD = "UPHELD", "维持原决定"
