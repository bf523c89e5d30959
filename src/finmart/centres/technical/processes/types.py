"""The words of processes: states, acts, who holds a lane, what callers get back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from finmart.kit.actor import Actor
from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class ProcessesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    DEFINITION_DEPLOY = "processes:definition:deploy"
    INSTANCE_ASSIGN_LANE = "processes:instance:assign_lane"
    INSTANCE_PAUSE = "processes:instance:pause"
    INSTANCE_RESUME = "processes:instance:resume"
    INSTANCE_SET_VARIABLES = "processes:instance:set_variables"
    INSTANCE_START = "processes:instance:start"
    INSTANCE_SUSPEND = "processes:instance:suspend"
    INSTANCE_TERMINATE = "processes:instance:terminate"
    INSTANCE_UNPAUSE = "processes:instance:unpause"
    ITEM_ADD_SIGNER = "processes:item:add_signer"
    ITEM_CLAIM = "processes:item:claim"
    ITEM_COMPLETE = "processes:item:complete"
    ITEM_COPY = "processes:item:copy"
    ITEM_DELEGATE = "processes:item:delegate"
    ITEM_RECUSE = "processes:item:recuse"
    ITEM_RELEASE = "processes:item:release"
    ITEM_REMOVE_SIGNER = "processes:item:remove_signer"
    ITEM_RETURN = "processes:item:return"
    ITEM_TIME_OUT = "processes:item:time_out"
    ITEM_TRANSFER = "processes:item:transfer"
    ITEM_URGE = "processes:item:urge"
    ITEM_WITHDRAW = "processes:item:withdraw"
    TIMER_FIRE = "processes:timer:fire"


class InstanceState(Code):
    ACTIVE = "ACTIVE", "进行中"
    COMPLETED = "COMPLETED", "已办结"
    SUSPENDED = "SUSPENDED", "已暂停"
    TERMINATED = "TERMINATED", "已终止"


class ItemState(Code):
    """DONE was decided by people, TIMED_OUT by the clock, SKIPPED had nobody to sign."""

    CANCELLED = "CANCELLED", "已取消"
    DONE = "DONE", "已完成"
    OPEN = "OPEN", "办理中"
    RETURNED = "RETURNED", "已退回重办"
    SKIPPED = "SKIPPED", "无需签批"
    TIMED_OUT = "TIMED_OUT", "超时自动处理"


class SeatState(Code):
    """OPEN may sign now; WAITING has its turn later (in-turn sign-off)."""

    CANCELLED = "CANCELLED", "已取消"
    OPEN = "OPEN", "待签"
    REMOVED = "REMOVED", "已减签"
    SIGNED = "SIGNED", "已签"
    WAITING = "WAITING", "未轮到"


class DeadlineKind(Code):
    BOUNDARY = "BOUNDARY", "边界定时"
    STEP = "STEP", "办理期限"
    WAIT = "WAIT", "定时等待"


class DeadlineState(Code):
    CLOSED = "CLOSED", "已结束"
    FIRED = "FIRED", "已触发"
    MISSED = "MISSED", "已逾期"
    PAUSED = "PAUSED", "已暂停计时"
    RUNNING = "RUNNING", "计时中"


class EventKind(Code):
    """What the process event log tells."""

    CANCELLED = "CANCELLED", "取消"
    CLAIMED = "CLAIMED", "认领"
    CLOCK_PAUSED = "CLOCK_PAUSED", "暂停计时"
    CLOCK_RESUMED = "CLOCK_RESUMED", "恢复计时"
    COMPLETED = "COMPLETED", "完成步骤"
    COPIED = "COPIED", "抄送"
    DEADLINE_MISSED = "DEADLINE_MISSED", "超过期限"
    DELEGATED = "DELEGATED", "委派"
    DELEGATE_ANSWERED = "DELEGATE_ANSWERED", "受托人办结，交回委派人"
    ENDED = "ENDED", "流程结束"
    LANE_ASSIGNED = "LANE_ASSIGNED", "确定承办方"
    OPENED = "OPENED", "步骤开始"
    RECUSED = "RECUSED", "申报回避"
    RELEASED = "RELEASED", "退回待领"
    RESUMED = "RESUMED", "恢复流程"
    RETURNED = "RETURNED", "退回"
    RULE_DECIDED = "RULE_DECIDED", "规则判定"
    SERVICE_DONE = "SERVICE_DONE", "系统处理"
    SIGNED = "SIGNED", "签署意见"
    SIGNER_ADDED = "SIGNER_ADDED", "加签"
    SIGNER_REMOVED = "SIGNER_REMOVED", "减签"
    SKIPPED = "SKIPPED", "无需签批，自动通过"
    STARTED = "STARTED", "启动流程"
    SUSPENDED = "SUSPENDED", "暂停流程"
    TERMINATED = "TERMINATED", "终止流程"
    TIMED_OUT = "TIMED_OUT", "超时自动处理"
    TIMER_FIRED = "TIMER_FIRED", "定时触发"
    TRANSFERRED = "TRANSFERRED", "转办"
    URGED = "URGED", "催办"
    WITHDRAWN = "WITHDRAWN", "撤回"


class Mark(Code):
    """How an element of the diagram is painted."""

    CANCELLED = "CANCELLED", "已取消"
    CURRENT = "CURRENT", "当前"
    DONE = "DONE", "已完成"
    RETURNED = "RETURNED", "已退回"
    UPCOMING = "UPCOMING", "未到"


@dataclass(frozen=True, slots=True)
class LaneHolder:
    """Who a lane of a case is: an organisation and the roles in it, or one person. ``roles`` empty: the model's."""

    organisation_id: int | None = None
    person_id: int | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepContext:
    """What a binding gets: whose case, what is known, and who caused it. It returns variables to set, or None."""

    instance_uuid: UUID
    case_uuid: UUID
    process_key: str
    step: str
    variables: Mapping[str, Any]
    actor: Actor


Binding = Callable[[StepContext], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class DefinitionRef:
    """One immutable version of a process model."""

    key: str
    version: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OutcomeOption:
    """A way out of a step, as a button: its code and Chinese label."""

    code: str
    label: str
    positive: bool


@dataclass(frozen=True, slots=True)
class CompleteResult:
    """``decided`` False: the opinion counts and others have still to sign. ``ended``: the whole process is over."""

    item_uuid: UUID
    decided: bool
    outcome: str
    ended: bool


@dataclass(frozen=True, slots=True)
class SignerView:
    """One seat of a step. Names and opinions are empty for readers of other organisations."""

    person_id: int | None
    name: str
    state: SeatState
    outcome: str
    opinion: str
    signed_at: datetime | None
    signed_by_deputy: str
    delegated_to: str


@dataclass(frozen=True, slots=True)
class SignedPart:
    """What one of several who signed a step filled in."""

    person_id: int
    signed_at: datetime
    outcome: str
    opinion: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReturnTarget:
    """An earlier step this item may be returned to."""

    step: str
    name: str
    lane: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """A work item as one actor may see it; ``acts`` are what this actor may do with it now.

    ``due_at`` is None without a deadline and while its clock is paused. ``return_targets`` and ``variables`` are
    filled by ``item_for`` only, and only for who works on the item.
    """

    uuid: UUID
    instance_uuid: UUID
    case_uuid: UUID
    process_key: str
    process_name: str
    step: str
    name: str
    lane: str
    organisation_id: int | None
    clause: str
    form: str
    state: ItemState
    outcome: str
    outcome_label: str
    outcomes: tuple[OutcomeOption, ...]
    sign_off: str
    seats: int
    signed: int
    signers: tuple[SignerView, ...]
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    is_paused: bool
    is_overdue: bool
    deadline_source: str
    acts: frozenset[ProcessesAct]
    return_targets: tuple[ReturnTarget, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)

    def parts_of(self, step: str) -> tuple[SignedPart, ...]:
        """Return what stands of an earlier step that several signed, in the order of signing.

        That is the latest visit's, without what was taken back; the variables keep the rest.
        """
        kept = self.variables.get(f"{step}_signed", ())
        return tuple(
            SignedPart(one["person"], datetime.fromisoformat(one["at"]), one["outcome"], one["opinion"], one["values"])
            for one in kept
            if one["visit"] == kept[-1]["visit"] and not one["withdrawn"]
        )


@dataclass(frozen=True, slots=True)
class StepView:
    """One step in the bar above a case; ``who`` names the lane's holder, ``due_at`` until when."""

    step: str
    name: str
    lane: str
    clause: str
    mark: Mark
    item_uuid: UUID | None
    opened_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    outcome_label: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the process event log; person and opinion are empty for readers of other organisations."""

    at: datetime
    act: EventKind
    step: str
    step_name: str
    lane: str
    person_name: str
    organisation_id: int | None
    opinion: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """The model as deployed and how each of its elements (steps, gateways, flows) is painted."""

    xml: str
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One running or ended process; ``current`` names its open steps; ``acts`` are what this actor may do with it."""

    uuid: UUID
    case_uuid: UUID
    process_key: str
    process_name: str
    version: int
    state: InstanceState
    current: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    acts: frozenset[ProcessesAct]


@dataclass(frozen=True, slots=True)
class Figures:
    """How many processes run, how many steps were decided by people and by the clock. No case is named."""

    running: int
    decided: int
    timed_out: int


class UnableToDeploy(Refusal):
    code = "UNABLE_TO_DEPLOY"


class UnableToStart(Refusal):
    code = "UNABLE_TO_START"


class UnableToSignOff(Refusal):
    """The sign-off is not possible as asked: wrong outcome, nobody to sign, not this person's turn."""

    code = "UNABLE_TO_SIGN_OFF"


class UnableToWithdraw(Refusal):
    code = "UNABLE_TO_WITHDRAW"


class UnableToUrge(Refusal):
    code = "UNABLE_TO_URGE"
