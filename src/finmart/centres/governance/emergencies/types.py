"""The words of emergencies: plans, levels, runs real and drilled, proposals, improvements."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class EmergenciesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    CALL_ANSWER = "emergencies:call:answer"
    CALL_MAKE = "emergencies:call:make"
    EMERGENCY_ASSESS = "emergencies:emergency:assess"
    EMERGENCY_CLOSE = "emergencies:emergency:close"
    EMERGENCY_START = "emergencies:emergency:start"
    IMPROVEMENT_FINISH = "emergencies:improvement:finish"
    IMPROVEMENT_NOTE = "emergencies:improvement:note"
    PLANS_ADOPT = "emergencies:plans:adopt"
    PROPOSAL_DISMISS = "emergencies:proposal:dismiss"
    PROPOSAL_MAKE = "emergencies:proposal:make"
    REVISION_ADOPT = "emergencies:revision:adopt"
    REVISION_PROPOSE = "emergencies:revision:propose"
    REVISION_REJECT = "emergencies:revision:reject"
    REVISION_WITHDRAW = "emergencies:revision:withdraw"
    STEP_RECORD = "emergencies:step:record"


class Level(Code):
    """How grave it is, the gravest first (the four levels of 突发事件应对法; what each means is the plan's, ours)."""

    I = "I", "Ⅰ级（特别重大）"  # noqa: E741 - the law's own numeral
    II = "II", "Ⅱ级（重大）"
    III = "III", "Ⅲ级（较大）"
    IV = "IV", "Ⅳ级（一般）"


class EmergencyState(Code):
    CLOSED = "CLOSED", "已结束"
    FALSE_ALARM = "FALSE_ALARM", "核实后解除"
    RUNNING = "RUNNING", "处置中"


class ProposalState(Code):
    DISMISSED = "DISMISSED", "不启动"
    OPEN = "OPEN", "待研判"
    STARTED = "STARTED", "已启动"


class RevisionState(Code):
    ADOPTED = "ADOPTED", "已采用"
    REJECTED = "REJECTED", "未通过"
    WAITING = "WAITING", "待复核"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class Answer(Code):
    DONE = "DONE", "已按要求落实"
    UNABLE = "UNABLE", "无法落实"
    WAITING = "WAITING", "待反馈"


class Party(Code):
    """Whom a plan speaks to, and who does a step."""

    ENTERPRISE = "ENTERPRISE", "企业"
    INSTITUTION = "INSTITUTION", "金融机构"
    OPERATOR = "OPERATOR", "运营机构"
    PUBLIC = "PUBLIC", "公众"
    REGULATOR = "REGULATOR", "监管部门"


@dataclass(frozen=True, slots=True)
class LevelTerms:
    """What a level means in a plan, who commands, and the deadlines: hours, and working days for the review."""

    level: Level
    meaning: str
    commander_role: str
    calls_regulator: bool
    calls_institutions: bool
    assess_hours: int
    contain_hours: int
    acknowledge_hours: int
    answer_hours: int
    recover_hours: int
    review_days: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do; ``hours`` after the start by level."""

    code: str
    text: str
    by: Party
    hours: dict[Level, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """What to tell whom; ``{title}``, ``{level}``, ``{due}`` and ``{number}`` are filled in."""

    to: Party
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as one version of it says."""

    code: str
    version: int
    title: str
    scenario: str
    trigger: str
    levels: tuple[LevelTerms, ...]
    steps: tuple[PlanStep, ...]
    wordings: tuple[Wording, ...]
    source: str
    is_example: bool
    adopted_on: date

    def terms(self, level: Level) -> LevelTerms:
        return next(one for one in self.levels if one.level is level)

    def steps_by(self, party: Party) -> tuple[PlanStep, ...]:
        return tuple(step for step in self.steps if step.by is party)

    def wording_for(self, party: Party) -> Wording | None:
        return next((one for one in self.wordings if one.to is party), None)


@dataclass(frozen=True, slots=True)
class PlanVersionRow:
    """A version of a plan: from which day on, by whom, and whether it is the one in force today."""

    version: int
    valid_from: date
    made_by: str
    adopted_by: str
    reason: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One thing a revision says otherwise; empty where there was or will be nothing."""

    where: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A revision of a plan that waits for a second pair of eyes, or what became of it."""

    uuid: UUID
    plan_code: str
    plan_title: str
    base_version: int
    valid_from: date
    reason: str
    state: RevisionState
    made_by: str
    made_at: datetime
    decided_by: str
    decided_at: datetime | None
    opinion: str
    changes: tuple[PlanChange, ...]
    acts: frozenset[EmergenciesAct]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list: when it was drilled, when the next drill is due, and whether that day has passed."""

    plan: Plan
    latest_drill_on: date | None
    next_drill_on: date
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a running emergency, with its deadline and what was done; ``hours_taken`` None while open."""

    code: str
    text: str
    by_label: str
    due_at: datetime
    done_at: datetime | None
    done_by: str
    done_text: str
    may_record: bool

    @property
    def is_late(self) -> bool:
        return self.done_at is not None and self.done_at > self.due_at


@dataclass(frozen=True, slots=True)
class CallRow:
    """An institution that was called, and what it answered."""

    organisation_name: str
    case_uuid: UUID
    due_at: datetime
    answer: Answer
    text: str
    answered_at: datetime | None

    @property
    def is_late(self) -> bool:
        return self.answered_at is not None and self.answered_at > self.due_at


@dataclass(frozen=True, slots=True)
class ImprovementRow:
    """A lesson turned into something to be done by somebody until a day."""

    id: int
    text: str
    due_on: date
    done_on: date | None
    done_text: str
    is_late: bool
    may_finish: bool


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """How long a phase took beside what it was given; ``due_at`` None where it had no deadline."""

    name: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.closed_at is not None and self.closed_at > self.due_at


@dataclass(frozen=True, slots=True)
class EmergencyRef:
    """What others keep of an emergency."""

    uuid: UUID
    number: str
    case_uuid: UUID
    title: str
    is_drill: bool


@dataclass(frozen=True, slots=True)
class EmergencyRow:
    """An emergency in a list."""

    uuid: UUID
    number: str
    title: str
    plan_title: str
    level: Level
    state: EmergencyState
    is_drill: bool
    started_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """One emergency with all that belongs to it, for one actor."""

    row: EmergencyRow
    plan: Plan
    summary: str
    case_uuid: UUID
    has_regulator: bool
    outcome: str
    cause: str
    steps: tuple[StepRow, ...]
    calls: tuple[CallRow, ...]
    improvements: tuple[ImprovementRow, ...]
    report_uuid: UUID | None
    acts: frozenset[EmergenciesAct]


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """Something the platform saw that may be an emergency; a person decides."""

    uuid: UUID
    plan_code: str
    plan_title: str
    level: Level
    evidence: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a rule found: for which plan, about what (``subject`` keeps it from being proposed twice), how grave."""

    plan_code: str
    subject: str
    level: Level
    evidence: str


@dataclass(frozen=True, slots=True)
class EmergencyFigures:
    """Real emergencies and drills, counted apart."""

    plans: int
    running: int
    closed: int
    drills: int
    drills_overdue: int


class UnableToStart(Refusal):
    code = "UNABLE_TO_START_EMERGENCY"


class UnableToRecord(Refusal):
    code = "UNABLE_TO_RECORD_STEP"


class UnableToRevise(Refusal):
    """A plan cannot be what the revision says, or the revision no longer waits."""

    code = "UNABLE_TO_REVISE_PLAN"


class UnableToClose(Refusal):
    """Something the plan asks for has not been done."""

    code = "UNABLE_TO_CLOSE_EMERGENCY"
