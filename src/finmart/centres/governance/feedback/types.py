"""The words of feedback: appeals, what they are about, what was found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class FeedbackAct(StrEnum):
    """Audit tags and permissions of this centre."""

    APPEAL_ACCEPT = "feedback:appeal:accept"
    APPEAL_LODGE = "feedback:appeal:lodge"
    APPEAL_REJECT = "feedback:appeal:reject"


class AppealSubject(Code):
    """What decision of the platform is appealed against."""

    EXPOSURE = "EXPOSURE", "匹配排序与曝光"
    LISTING = "LISTING", "产品上架、退回或下架"
    MATCHING = "MATCHING", "匹配判定不符合条件"
    SCORE = "SCORE", "风险评分或评分所用数据"


OF_FIRMS = frozenset({AppealSubject.MATCHING, AppealSubject.SCORE})
"""What firms appeal against; the others are the institutions'."""


class AppealFinding(Code):
    ACCEPTED = "ACCEPTED", "采纳"
    REJECTED = "REJECTED", "不采纳"


@dataclass(frozen=True, slots=True)
class AppealRef:
    uuid: UUID
    case_uuid: UUID
    number: str
    organisation_id: int
    deciders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal as its party and the operator read it. ``decided_by`` is empty for the party."""

    uuid: UUID
    number: str
    organisation_name: str
    subject: AppealSubject
    reference: str
    grounds: str
    lodged_at: datetime
    finding: AppealFinding | None
    reason: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppealFigures:
    """How many appeals were lodged, how many were accepted, how many wait."""

    lodged: int
    accepted: int
    open: int


class UnableToAppeal(Refusal):
    code = "UNABLE_TO_APPEAL"
