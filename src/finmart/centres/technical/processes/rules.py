"""When a step is decided, who may sit where, and whose time it was. Pure: no Django, no clock."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from finmart.integrations.bpmn.model import Kind, Model, Outcome, SignOffKind
from finmart.integrations.bpmn.state import State, Status


def decide(
    kind: SignOffKind, ratio: Fraction, seats: int, votes: Sequence[str], outcomes: Sequence[Outcome]
) -> str | None:
    """Return the outcome of a step, or None while others have still to sign.

    ``votes`` are the outcomes signed so far, in order; ``seats`` how many are to sign. Nobody to sign: the first yes.
    SINGLE, ANY: the first vote. ALL, IN_TURN: the first no at once, else yes when all have signed. VOTE: yes as soon
    as ``ratio`` of the seats said yes, no as soon as that cannot be reached any more.
    """
    yes_codes = {row.code for row in outcomes if row.positive}
    if not seats:
        return next(row.code for row in outcomes if row.positive or len(outcomes) == 1)
    if not votes or kind in {SignOffKind.SINGLE, SignOffKind.ANY}:
        return votes[0] if votes else None
    yes = [vote for vote in votes if vote in yes_codes]
    no = [vote for vote in votes if vote not in yes_codes]
    needed = ratio * seats if kind is SignOffKind.VOTE else Fraction(seats)
    if len(yes) >= needed:
        return _most(yes, outcomes)
    if kind is SignOffKind.VOTE:
        return _most(no, outcomes) if len(yes) + seats - len(votes) < needed else None
    return no[0] if no else None


def _most(votes: Sequence[str], outcomes: Sequence[Outcome]) -> str:
    """Return the most frequent vote; of equals the one the model lists first."""
    counted = Counter(votes)
    order = [row.code for row in outcomes]
    return min(counted, key=lambda code: (-counted[code], order.index(code)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which ``lane`` held an open item, or (``owes``) owed something to the others. ``end`` None: still."""

    lane: str
    start: datetime
    end: datetime | None
    owes: bool = False


def time_by_lane(stretches: Iterable[Stretch], until: datetime) -> Mapping[str, timedelta]:
    """Return lane → time it took. While somebody owes, the time is theirs alone, else all who hold an item share it
    in full: two parties that work side by side for a day have each taken a day.
    """
    rows = list(stretches)
    moments = sorted({row.start for row in rows} | {min(row.end or until, until) for row in rows})
    total: dict[str, timedelta] = {}
    for start, end in itertools.pairwise(moments):
        running = [row for row in rows if row.start <= start and (row.end or until) >= end]
        owing = {row.lane for row in running if row.owes}
        for lane in owing or {row.lane for row in running}:
            total[lane] = total.get(lane, timedelta()) + (end - start)
    return total


def must_pause(lane: str, owing: Iterable[str], *, pausable: bool, suspended: bool) -> bool:
    """Does the clock of a step of ``lane`` stand still: the process is suspended, or another party owes something?"""
    return pausable and (suspended or any(other != lane for other in owing))


def is_acted_on(model: Model, state: State, activation: int) -> bool:
    """Has anything after a finished step been done: a step completed, a timer gone off, a service task run?"""
    for identity in state.descendants(activation) - {activation}:
        visited = state.activations[identity]
        kind = model.nodes[visited.node].kind
        if kind is Kind.SERVICE or (kind in {Kind.STEP, Kind.WAIT} and visited.status is not Status.LIVE):
            return True
    return False
