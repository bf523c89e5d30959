"""A process model after reading: immutable, compiled once for each version of a definition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from finmart.integrations.bpmn.expressions import Expression


class Kind(StrEnum):
    """What an element does when a token reaches it."""

    START = "START"
    END = "END"
    STEP = "STEP"
    SERVICE = "SERVICE"
    DECISION = "DECISION"
    EXCLUSIVE = "EXCLUSIVE"
    PARALLEL = "PARALLEL"
    INCLUSIVE = "INCLUSIVE"
    WAIT = "WAIT"
    BOUNDARY = "BOUNDARY"
    SUB_PROCESS = "SUB_PROCESS"
    SCOPE_END = "SCOPE_END"


WAITING = frozenset({Kind.STEP, Kind.WAIT, Kind.SUB_PROCESS})


class SignOffKind(StrEnum):
    """How many must sign: one, any, all, all in turn, or a share of the votes."""

    ALL = "ALL"
    ANY = "ANY"
    IN_TURN = "IN_TURN"
    SINGLE = "SINGLE"
    VOTE = "VOTE"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A span in working days, calendar days or hours, or a moment held by the variable ``until``.

    ``amount_from`` names a variable that holds the amount; ``amount`` is then the fallback. ``on_timeout`` is an
    outcome code, ``ESCALATE`` or empty (the deadline is only reported as missed). ``source`` is the law or setting.
    ``setting`` names a parameter of the platform that holds amount, unit, pausable and source instead.
    """

    amount: int = 0
    unit: str = "CALENDAR_DAYS"
    amount_from: str = ""
    until: str = ""
    setting: str = ""
    seconds: int = 0
    pausable: bool = False
    source: str = ""
    on_timeout: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A way out of a step: its code, its Chinese label, and whether it counts as a yes in sign-offs."""

    code: str
    label: str
    positive: bool = False


@dataclass(frozen=True, slots=True)
class SignOffRule:
    """Who signs. ``signers`` and ``count`` name variables (persons' ids; number of seats); ``seats`` is a fixed number.

    ``ratio`` of the seats must say yes (VOTE). Fewer than ``minimum`` signers is refused.
    """

    kind: SignOffKind = SignOffKind.SINGLE
    signers: str = ""
    count: str = ""
    seats: int = 1
    minimum: int = 1
    ratio: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Step:
    """What people do at a user task: everything a work item needs to know."""

    clause: str = ""
    form: str = ""
    roles: tuple[str, ...] = ()
    returnable: bool = True
    owing: bool = False
    not_same_as: tuple[str, ...] = ()
    barred_from: str = ""
    deadline: TimeLimit | None = None
    sign_off: SignOffRule = field(default_factory=SignOffRule)
    outcomes: tuple[Outcome, ...] = ()

    @property
    def positive(self) -> tuple[str, ...]:
        """Return the codes that count as a yes."""
        return tuple(o.code for o in self.outcomes if o.positive)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is None where it is always taken."""

    id: str
    source: str
    target: str
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One element. ``scope`` is the id of the sub-process around it, empty at the top."""

    id: str
    name: str
    kind: Kind
    scope: str = ""
    lane: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str = ""
    attached_to: str = ""
    boundaries: tuple[str, ...] = ()
    interrupting: bool = True
    terminates: bool = False
    decision: str = ""
    timer: TimeLimit | None = None
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A party of the process; ``roles`` are who in it may work on steps that name no roles themselves."""

    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A compiled process: look-ups by element id. ``start_of`` maps a scope to its start event."""

    id: str
    name: str
    clause: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, Lane]
    start_of: Mapping[str, str]
    # flow id → nodes from which a token can still come to it without passing the flow's target (inclusive joins)
    upstream: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def steps(self) -> list[Node]:
        """Return the user tasks in the order of the file."""
        return [node for node in self.nodes.values() if node.kind is Kind.STEP]


def scope_end_of(sub_process: str) -> str:
    """Return the id of the synthetic element at which the ends of a sub-process (or the whole) gather."""
    return f"{sub_process}/end"
