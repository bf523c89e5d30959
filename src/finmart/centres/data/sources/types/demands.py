"""The words of demands: what a department is asked for, and how far it is with that."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class DemandKind(Code):
    CORRECTION = "CORRECTION", "数据更正"
    SUPPLY = "SUPPLY", "数据需求"


class DemandState(Code):
    """ANSWERED and REFUSED are the supplier's word, CLOSED is ours."""

    ANSWERED = "ANSWERED", "已答复"
    CLOSED = "CLOSED", "已办结"
    OPEN = "OPEN", "待答复"
    REFUSED = "REFUSED", "不能提供"


class DemandAct(Code):
    """One line of a demand's history."""

    ANSWERED = "ANSWERED", "答复"
    CLOSED = "CLOSED", "办结"
    CORRECTED = "CORRECTED", "更正记录已入库"
    DELIVERED = "DELIVERED", "送达"
    OVERDUE = "OVERDUE", "逾期"
    RAISED = "RAISED", "提出"
    URGED = "URGED", "催办"


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A demand as lists show it."""

    uuid: UUID
    feed_code: str
    feed_name: str
    supplier: str
    kind_label: str
    state: str
    state_label: str
    firm: str
    text: str
    raised_at: datetime
    raised_by: str
    due_at: datetime
    is_overdue: bool
    delivered_at: datetime | None
    urged: int


@dataclass(frozen=True, slots=True)
class DemandLineView:
    """One thing that happened to a demand."""

    at: datetime
    act_label: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class DemandView:
    """A demand with its history and what the actor may do; ``record_key`` names the record that is to be corrected."""

    row: DemandRow
    answer: str
    record_key: str
    lines: tuple[DemandLineView, ...]
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class DemandMade:
    """A demand as its supplier is told of it."""

    feed_code: str
    kind: str
    subject: str
    text: str
    due_on: date
    urged: int


class UnableToDemand(Refusal):
    """The demand cannot be made or moved on as it stands."""

    code = "UNABLE_TO_DEMAND"
