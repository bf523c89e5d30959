"""The words of rights: kinds of request, how far it has come, why it is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class RightsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    ARCHIVE_FETCH = "rights:archive:fetch"
    REQUEST_ACCEPT = "rights:request:accept"
    REQUEST_ANSWER = "rights:request:answer"
    REQUEST_APPEAL = "rights:request:appeal"
    REQUEST_ESCALATE = "rights:request:escalate"
    REQUEST_MAKE = "rights:request:make"
    REQUEST_REVIEW = "rights:request:review"
    REQUEST_WITHDRAW = "rights:request:withdraw"


class RequestKind(Code):
    """What is asked for (个人信息保护法 45, 46, 47)."""

    ACCESS = "ACCESS", "查阅、复制"
    CORRECTION = "CORRECTION", "更正、补充"
    DELETION = "DELETION", "删除"
    EXPORT = "EXPORT", "转移（机器可读文件）"


OPENING = frozenset({RequestKind.ACCESS, RequestKind.EXPORT})


class RequestState(Code):
    ACCEPTED = "ACCEPTED", "办理中"
    ANSWERED = "ANSWERED", "已答复"
    CLOSED = "CLOSED", "复核已结束"
    IN_REVIEW = "IN_REVIEW", "复核中"
    SUBMITTED = "SUBMITTED", "待受理"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class Outcome(Code):
    GRANTED = "GRANTED", "同意"
    PARTLY = "PARTLY", "部分同意"
    REFUSED = "REFUSED", "不同意"


class Ground(Code):
    """Why something is refused; each is told to the applicant together with a reason in words."""

    IDENTITY = "IDENTITY", "不能核实申请人身份或权限"
    OTHERS = "OTHERS", "涉及他人个人信息或商业秘密"
    RETENTION = "RETENTION", "法律、行政法规规定的保存期限未届满"
    RUNNING = "RUNNING", "有未结清的融资或在办业务"
    TECHNICAL = "TECHNICAL", "技术上难以实现，已停止其他处理"
    UNFOUNDED = "UNFOUNDED", "经核实，所称情况与来源不符"


class ContactField(Code):
    """What may be corrected here; facts of a firm are disputed on its profile page."""

    ADDRESS = "ADDRESS", "企业地址"
    EMAIL = "EMAIL", "电子邮箱"
    OTHER = "OTHER", "其他（在说明中写明）"
    PHONE = "PHONE", "联系电话"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is not deleted or not handed out, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as this actor sees it; ``acts`` are the ``RightsAct`` tags open to the actor."""

    uuid: UUID
    number: str
    kind: RequestKind
    subject_name: str
    is_for_firm: bool
    made_by: str
    made_at: datetime
    text: str
    field_label: str
    value: str
    state: RequestState
    accept_by: datetime
    answer_by: datetime
    accepted_at: datetime | None
    answered_at: datetime | None
    answered_by: str
    outcome_label: str
    ground_label: str
    answer: str
    effect: dict[str, Any]
    open_until: datetime | None
    appeal: str
    review_by: datetime | None
    review: str
    due_at: datetime | None
    is_overdue: bool
    blocking: tuple[str, ...]
    acts: frozenset[str]


class UnableToRequest(Refusal):
    code = "UNABLE_TO_REQUEST"


class UnableToHandle(Refusal):
    code = "UNABLE_TO_HANDLE"
