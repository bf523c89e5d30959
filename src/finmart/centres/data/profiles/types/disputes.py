"""The words of disputes: a firm says that a fact is wrong, and what becomes of that."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class DisputeState(Code):
    OPEN = "OPEN", "处理中"
    REJECTED = "REJECTED", "不予更正"
    UPHELD = "UPHELD", "已更正"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class DisputeAct(Code):
    """One line of a dispute's history."""

    NEAR = "NEAR", "临近期限"
    OVERDUE = "OVERDUE", "逾期未答复"
    RAISED = "RAISED", "提出异议"
    REJECTED = "REJECTED", "不予更正"
    ROUTED = "ROUTED", "转供数单位"
    UPHELD = "UPHELD", "更正"
    WITHDRAWN = "WITHDRAWN", "撤回"


@dataclass(frozen=True, slots=True)
class DisputeLineView:
    at: datetime
    act_label: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute as its firm and the operator see it; ``shown`` is the value as it stood when it was disputed.

    ``acts`` are the acts of :class:`ProfilesAct` this actor may do now. ``demand_uuid`` is the request to the supplier.
    """

    uuid: UUID
    organisation_id: int
    firm_name: str
    fact_type: str
    label: str
    shown: str
    source: str
    as_of_on: date
    reason: str
    document_uuid: UUID | None
    state: DisputeState
    raised_at: datetime
    raised_by: str
    due_at: datetime
    demand_uuid: UUID | None
    settled_at: datetime | None
    outcome: str
    lines: tuple[DisputeLineView, ...]
    acts: frozenset[str]


class UnableToDispute(Refusal):
    """The dispute cannot be raised, routed or settled as asked; nothing was changed."""

    code = "UNABLE_TO_DISPUTE"
