"""The words of notices: texts, channels, how far a delivery has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code


class NoticesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    DELIVERY_FAIL = "notices:delivery:fail"
    DELIVERY_SEND = "notices:delivery:send"
    NOTICE_ERASE = "notices:notice:erase"
    NOTICE_READ = "notices:notice:read"
    NOTICE_SEND = "notices:notice:send"


class Channel(Code):
    """A way out of the platform. The in-app list is no channel: every notice is there."""

    EMAIL = "EMAIL", "电子邮件"


class DeliveryState(Code):
    FAILED = "FAILED", "发送失败"
    QUEUED = "QUEUED", "待发送"
    SENT = "SENT", "已发送"


@dataclass(frozen=True, slots=True)
class Text:
    """The wording of one kind of notice; ``title`` and ``body`` hold ``{name}`` placeholders."""

    code: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice as its receiver sees it. ``link`` is an address on this platform or empty."""

    uuid: UUID
    template: str
    title: str
    body: str
    link: str
    created_at: datetime
    read_at: datetime | None
    acts: frozenset[str]


class UnknownText(LookupError):
    """No such template, or a placeholder without a value: a mistake in the code, not of the user."""
