"""Deadlines and timers: missed, passed by time-out, paused, fired once."""

from datetime import datetime, timedelta

import pytest

from factories.process_models import Block
from factories.processes import Bank
from finmart.centres.technical.processes import operations, tasks
from finmart.centres.technical.processes.events import DeadlineMissed, InstanceEnded, StepCompleted, StepOpened
from finmart.centres.technical.processes.models import Deadline, SignOff, WorkItem
from finmart.centres.technical.processes.types import DeadlineState, ItemState
from finmart.kit import clock, events

pytestmark = [pytest.mark.django_db, pytest.mark.clause("A6")]
MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


def step(name):
    return Block("step", name)


def seq(*parts):
    return Block("seq", "q", list(parts))


def line():
    return seq(step("before"), step("mid"), step("after"))


def states(bank, name):
    return list(
        WorkItem.objects.filter(instance__uuid=bank.uuid, step=name).order_by("id").values_list("state", flat=True)
    )


@pytest.fixture
def heard():
    """Everything published while the test runs."""
    kept = []
    for kind in (StepOpened, StepCompleted, InstanceEnded, DeadlineMissed):
        events.subscribe(kind, kept.append)
    yield kept
    for kind in (StepOpened, StepCompleted, InstanceEnded, DeadlineMissed):
        events._reactions[kind].remove(kept.append)


def deadline(amount=2, unit="WORKING_DAYS", **more):
    text = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<finmart:deadline amount="{amount}" unit="{unit}" source="platform default"{text}/>'


def test_a_deadline_is_reported_missed_once(heard):
    with clock.moved_to(MONDAY):
        bank = Bank(line(), extra={"before": deadline()})
        assert Deadline.objects.get().due_at - MONDAY == pytest.approx(timedelta(days=2), abs=timedelta(minutes=5))
        assert tasks.fire_timers(0) == 0
    with clock.moved_to(MONDAY + timedelta(days=3)):
        assert tasks.fire_timers(0) == 1
        assert tasks.fire_timers(0) == 0
        assert bank.open == ["before"]
    assert [type(e) for e in heard].count(DeadlineMissed) == 1


def test_passed_by_time_out_is_its_own_outcome():
    with clock.moved_to(MONDAY):
        bank = Bank(line(), extra={"before": deadline(onTimeout="APPROVE")})
    with clock.moved_to(MONDAY + timedelta(days=3)):
        assert tasks.fire_timers(0) == 1
    assert bank.open == ["mid"]
    assert states(bank, "before") == [ItemState.TIMED_OUT]
    assert bank.instance.variables["before_timed_out"] is True
    assert not SignOff.objects.exists()


def test_a_clock_stands_still_while_another_party_owes():
    with clock.moved_to(MONDAY):
        bank = Bank(line(), extra={"before": deadline(pausable="true")})
        instance = bank.instance
        instance.lanes["企业"] = {"organisation_id": 1, "person_id": None, "roles": []}
        instance.save()
    with clock.moved_to(MONDAY + timedelta(days=1)):
        operations.pause(bank.people[0], bank.uuid, owed_by="企业")
        paused = Deadline.objects.get()
        assert (paused.state, paused.due_at) == (DeadlineState.PAUSED, None)
        assert paused.remaining == pytest.approx(1, abs=0.01)
    with clock.moved_to(MONDAY + timedelta(days=7)):
        assert tasks.fire_timers(0) == 0
        operations.unpause(bank.people[0], bank.uuid)
        assert Deadline.objects.get().due_at - MONDAY == pytest.approx(timedelta(days=8), abs=timedelta(minutes=5))


def test_timers_fire_once_and_move_the_process():
    tree = seq(step("s"), Block("wait", "w"), Block("guard", "g", [step("a"), step("late")]), step("e"))
    with clock.moved_to(MONDAY):
        bank = Bank(tree)
        bank.do("s")
        assert bank.open == []
    with clock.moved_to(MONDAY + timedelta(days=1, hours=1)):
        assert tasks.fire_timers(0) == 1
        assert bank.open == ["a"]
        assert tasks.fire_timers(0) == 0
    with clock.moved_to(MONDAY + timedelta(days=3)):
        assert tasks.fire_timers(0) == 1
    assert bank.open == ["late"]
    assert states(bank, "a") == [ItemState.TIMED_OUT]


def test_a_completed_step_leaves_no_clock_running():
    bank = Bank(line(), extra={"before": deadline()})
    bank.do("before")
    assert Deadline.objects.get().state == DeadlineState.CLOSED


def test_a_step_passed_by_time_out_may_be_returned_to():
    with clock.moved_to(MONDAY):
        bank = Bank(line(), extra={"before": deadline(onTimeout="APPROVE")})
    with clock.moved_to(MONDAY + timedelta(days=3)):
        tasks.fire_timers(0)
        operations.return_to(bank.people[0], bank.at("mid"), opinion="x")
    assert states(bank, "before") == [ItemState.RETURNED, ItemState.OPEN]
