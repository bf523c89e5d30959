"""Everything the platform holds of a firm or a person, model by model, and what is left out and why.

Paths are the object mapper's, from the model to the firm or person. A test holds every model that names one to it.
"""

from dataclasses import dataclass

from finmart.centres.governance.rights.types import Kept


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one model that are about a firm (any of ``firm``) or a person (any of ``person``)."""

    model: str
    label: str
    firm: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    omit: frozenset[str] = frozenset()


def _held(model: str, label: str, firm: str = "", person: str = "", omit: str = "") -> Held:
    return Held(model, label, tuple(firm.split()), tuple(person.split()), frozenset(omit.split()))


HELD: tuple[Held, ...] = (
    _held("parties.Organisation", "企业登记", "id"),
    _held("parties.Person", "个人账户", person="id", omit="password identity_digest email_index phone_index"),
    _held("parties.Membership", "任职与角色", "organisation", "person"),
    _held("parties.Mandate", "签署授权", "organisation", "person"),
    _held("parties.Deputy", "代理人", "organisation", "absent deputy"),
    _held("parties.ConflictOfInterest", "利益冲突申报", person="person"),
    _held("documents.Document", "文件", "owner_organisation", "owner_person"),
    _held("documents.DocumentVersion", "文件版本", "document__owner_organisation", "document__owner_person"),
    _held("documents.Grant", "文件共享", "document__owner_organisation", "person"),
    _held("notices.Notice", "消息", person="person"),
    _held("processes.SignOff", "办理意见", person="person_id"),
    _held("processes.Copy", "抄送", person="person_id"),
    _held("consents.Consent", "数据授权", "grantor", "signed_by"),
    _held("consents.DisclosureEntry", "数据查询记录", "subject_id", "person_id"),
    _held("sources.Load", "数据导入", "organisation"),
    _held("sources.ListedFirm", "名录中的登记", "organisation"),
    _held("sources.KnownFirm", "来源代码", "organisation", omit="rating defaulted"),
    _held("sources.Invoice", "发票", "organisation"),
    _held("sources.Record", "部门数据", "organisation"),
    _held("profiles.Fact", "企业画像", "organisation"),
    _held("profiles.PastFact", "企业画像的旧版本", "organisation"),
    _held("profiles.MonthSummary", "逐月汇总", "organisation"),
    _held("profiles.PartnerSummary", "交易对手汇总", "organisation"),
    _held("profiles.FactCopy", "机构留存的副本", "subject", omit="content"),
    _held("profiles.FactDispute", "数据异议", "organisation", "raised_by"),
    _held("profiles.DisputeLine", "数据异议经过", "dispute__organisation"),
    _held("risk.Score", "风险评分", "organisation"),
    _held("risk.ScoreReading", "评分查看记录", "subject_id"),
    _held("matching.MatchRun", "匹配", "organisation", "matched_by"),
    _held("matching.MatchOutcome", "匹配结果", "run__organisation"),
    _held("applications.Need", "融资需求", "organisation", "stated_by"),
    _held("applications.Application", "融资申请", "organisation"),
    _held("applications.Offer", "融资方案", "application__organisation"),
    _held("applications.Review", "人工复核", "application__organisation", omit="deciders"),
    _held("cases.Party", "参与的案件", "organisation", "person"),
    _held("cases.TimelineEntry", "案件经过（本单位所为）", "organisation"),
    _held("cases.Message", "案件消息", "sender_organisation recipient__organisation", "sender recipient__person"),
    _held("cases.MessageReading", "消息已读", person="person"),
    _held("cases.FiledDocument", "案件材料", "filed_by"),
    _held("instruments.SignatureSlot", "合同签署", "organisation", "person signed_by"),
    _held("funds.Disbursement", "放款", "borrower", "borrower_person"),
    _held("funds.Payee", "收款人", "disbursement__borrower", "disbursement__borrower_person"),
    _held("funds.Collection", "扣款", "borrower", "borrower_person"),
    _held("servicing.LoanAccount", "贷款", "borrower", "borrower_person"),
    _held("servicing.InstalmentRow", "还款计划", "loan__borrower", "loan__borrower_person"),
    _held("servicing.FeeLine", "贷款费用", "loan__borrower", "loan__borrower_person"),
    _held("servicing.Repayment", "还款", "loan__borrower", "loan__borrower_person"),
    _held("feedback.Appeal", "申诉", "organisation", "lodged_by", omit="deciders"),
    _held("masking.Unmasking", "显示原值的记录", "concerned_organisation", "concerned_person"),
    _held("rights.DataRequest", "数据权利申请", "organisation", "person"),
    _held("audit.Entry", "操作留痕（本人所为）", person="person_id",
          omit="shard position content previous_hash chain_hash"),
)  # fmt: skip

_OFFICE = "工作人员履行职责的记录，不是其个人情况；属于任职机构"
_WATCH = "风险监测的工作记录，提前告知会妨碍监测；由监管部门依法查阅"
_PRODUCT = "机构自身的业务资料"
NOT_HELD: dict[str, Kept] = {
    "applications.Review": Kept("人工复核的经办人", _OFFICE),
    "cases.TimelineEntry": Kept("案件中其他各方的经过", "在案件页面按权限查看"),
    "catalogue.Product": Kept("产品", _PRODUCT),
    "catalogue.ProductVersion": Kept("产品版本", _PRODUCT),
    "desensitised.Reidentification": Kept("反查假名的记录", _OFFICE),
    "emergencies.Call": Kept("应急指令", _WATCH),
    "emergencies.Emergency": Kept("应急处置", _WATCH),
    "emergencies.Improvement": Kept("应急改进", _OFFICE),
    "emergencies.Proposal": Kept("应急建议", _WATCH),
    "emergencies.Revision": Kept("应急预案修订的经办人", _OFFICE),
    "emergencies.StepDone": Kept("应急步骤", _OFFICE),
    "funds.Account": Kept("记账科目", "资金台账，按会计档案保存；明细已随放款、还款提供"),
    "funds.DisbursementCondition": Kept("放款条件的经办人", _OFFICE),
    "funds.Reconciliation": Kept("对账", _PRODUCT),
    "instruments.Contract": Kept("合同正文", "已签署的合同在“合同”中下载，原件随文件提供"),
    "matching.CriteriaTry": Kept("准入条件试算", _PRODUCT),
    "parameters.Setting": Kept("参数设置人", _OFFICE),
    "processes.Instance": Kept("流程", "在案件页面按权限查看"),
    "processes.ProcessEvent": Kept("流程事件", "在案件页面按权限查看"),
    "processes.WorkItem": Kept("待办", _OFFICE),
    "profiles.DisputeLine": Kept("数据异议的经办人", _OFFICE),
    "profiles.SummarisedFirm": Kept("汇总进度", "只是计算进度，没有内容"),
    "quality.Lapse": Kept("质量问题的责任人", _OFFICE),
    "quality.LapseLine": Kept("质量问题的经办人", _OFFICE),
    "quality.RuleVersion": Kept("质量规则的责任人", _OFFICE),
    "risk.ModelVersion": Kept("模型的编制人", _OFFICE),
    "risk.Opinion": Kept("模型的审批人", _OFFICE),
    "risk.Outcome": Kept("训练用的结果标签", "由贷款结果得出，随贷款提供"),
    "servicing.AfterLoanCheck": Kept("贷后检查", "机构的内部检查意见，涉及其商业秘密"),
    "sources.Batch": Kept("来源批次的经办人", _OFFICE),
    "sources.Demand": Kept("向部门的数据请求", _OFFICE),
    "warnings.RaisedWarning": Kept("风险预警", _WATCH),
    "warnings.WarningLine": Kept("风险预警经过", _WATCH),
}

STAYS: tuple[Kept, ...] = (
    Kept("操作留痕、流程记录", "只增不改；网络安全法要求日志留存不少于六个月，防篡改的链不能抽去其中一环"),
    Kept("数据查询记录、授权书", "个人信息保护法：处理情况记录至少保存三年（条文以现行文本为准）；授权书是其依据"),
    Kept("合同与电子签名", "合同当事各方的凭证，按档案要求保存"),
    Kept("放款、还款与资金台账", "会计资料，按会计档案期限保存（期限请核对会计档案管理办法）"),
    Kept("融资申请、案件材料与案件消息", "案件当事各方共有的档案，归档后按期限保存"),
    Kept("风险评分、匹配记录", "作出时的依据，须能重算和接受检查；不再用于新的业务"),
)
