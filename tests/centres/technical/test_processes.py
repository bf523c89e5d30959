"""Work items, sign-offs, returns, deadlines and who may do what."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from factories import parties
from factories.process_models import Block, Written
from factories.processes import ROLE, SYSTEM, Bank
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import operations, queries
from finmart.centres.technical.processes.events import DeadlineMissed, InstanceEnded, StepCompleted, StepOpened
from finmart.centres.technical.processes.models import ProcessEvent, SignOff, WorkItem
from finmart.centres.technical.processes.types import (
    EventKind,
    InstanceState,
    ItemState,
    LaneHolder,
    UnableToDeploy,
    UnableToSignOff,
    UnableToStart,
    UnableToUrge,
    UnableToWithdraw,
)
from finmart.integrations.bpmn.engine import UnableToAdvance, UnableToReturn
from finmart.kit import clock, events
from finmart.kit.errors import AccessDenied, Conflict, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.clause("A6")]
MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


def step(name, sign_off="SINGLE"):
    return Block("step", name, sign_off=sign_off)


def seq(*parts):
    return Block("seq", "q", list(parts))


def fork(kind="SINGLE"):
    branches = [seq(step("a1", kind), step("a2")), seq(step("b1"), step("b2"))]
    return seq(step("before"), Block("par", "p", branches), step("after"))


def line(kind="SINGLE"):
    return seq(step("before"), step("mid", kind), step("after"))


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


# -- running ---------------------------------------------------------------------------------------------------------


def test_a_process_runs_from_start_to_end_with_an_event_for_every_act(heard):
    bank = Bank(line())
    bank.do("before", "mid")
    assert bank.do("after").ended
    assert bank.instance.state == InstanceState.COMPLETED
    acts = list(ProcessEvent.objects.filter(case_uuid=bank.case_uuid).values_list("act", flat=True))
    step_acts = [EventKind.SIGNED, EventKind.COMPLETED]
    assert acts == [EventKind.STARTED, *([EventKind.OPENED, *step_acts] * 3), EventKind.ENDED]
    assert [type(e) for e in heard].count(StepCompleted) == 3
    assert isinstance(heard[-1], InstanceEnded)


def test_deploying_the_same_content_again_is_no_new_version_and_a_running_case_keeps_its_own():
    bank = Bank(line())
    xml = Written(line(), lane="银行").xml
    assert operations.deploy(SYSTEM, "sample", xml).version == 1
    assert operations.deploy(SYSTEM, "sample", Written(fork(), lane="银行").xml).version == 2
    bank.do("before")
    assert bank.open == ["mid"]


def test_a_broken_model_is_refused_with_its_places():
    with pytest.raises(UnableToDeploy, match="s1"):
        operations.deploy(
            SYSTEM, "x", Written(step("s1"), lane="银行").xml.replace('targetRef="root_end"', 'targetRef="s1"')
        )
    with pytest.raises(AccessDenied):
        operations.deploy(parties.bank(), "x", "<a/>")


def test_a_lane_nobody_holds_is_named():
    operations.deploy(SYSTEM, "x", Written(line(), lane="银行").xml)
    with pytest.raises(UnableToStart, match="银行"):
        operations.start(SYSTEM, "x", case_uuid=uuid4(), lanes={})
    with pytest.raises(UnableToStart, match="担保"):
        operations.start(SYSTEM, "x", case_uuid=uuid4(), lanes={"担保": LaneHolder()})


def test_service_tasks_run_bound_operations_in_the_same_transaction():
    seen = []
    operations.bind("served", {"v": lambda context: seen.append(context.step) or {"mark": context.variables["given"]}})
    bank = Bank(seq(step("s"), Block("service", "v"), step("e")), key="served")
    bank.do("s", given=7)
    assert seen == ["v"]
    assert bank.instance.variables["mark"] == 7


def test_a_service_task_without_binding_refuses_the_act():
    bank = Bank(seq(step("s"), Block("service", "v"), step("e")), key="unserved")
    with pytest.raises(UnableToAdvance, match="没有绑定"), transaction.atomic():
        bank.do("s")
    assert bank.open == ["s"]


# -- who may act -----------------------------------------------------------------------------------------------------


def test_strangers_learn_nothing_and_colleagues_without_the_role_are_refused():
    bank = Bank(line())
    with pytest.raises(NotFound):
        operations.complete(parties.bank(ROLE), bank.at("before"), "APPROVE")
    with pytest.raises(AccessDenied):
        operations.complete(
            parties.member(bank.organisation, Role.INSTITUTION_ACCOUNT_MANAGER), bank.at("before"), "APPROVE"
        )
    with pytest.raises(NotFound):
        operations.complete(bank.people[0], uuid4(), "APPROVE")


def test_an_unknown_outcome_and_reserved_variables_are_refused():
    bank = Bank(line())
    with pytest.raises(UnableToSignOff):
        operations.complete(bank.people[0], bank.at("before"), "MAYBE")
    with pytest.raises(UnableToSignOff, match="mid_outcome"):
        operations.complete(bank.people[0], bank.at("before"), "APPROVE", values={"mid_outcome": "APPROVE"})


def test_a_claimed_item_is_not_for_others_until_released():
    bank = Bank(line())
    operations.claim(bank.people[0], bank.at("before"))
    operations.claim(bank.people[0], bank.at("before"))
    assert SignOff.objects.count() == 1
    with pytest.raises(Conflict):
        bank.do("before", by=1)
    with pytest.raises(Conflict):
        operations.claim(bank.people[1], bank.at("before"))
    operations.release(bank.people[0], bank.at("before"))
    bank.do("before", by=1)
    assert bank.open == ["mid"]


def test_a_double_click_is_a_conflict():
    bank = Bank(line())
    item = bank.at("before")
    operations.complete(bank.people[0], item, "APPROVE")
    with pytest.raises(Conflict):
        operations.complete(bank.people[0], item, "APPROVE")


def test_four_eyes_bar_who_signed_the_named_step():
    extra = {"mid": '<finmart:step notSameAs="before"/>'}
    bank = Bank(line(), extra=extra)
    bank.do("before", by=0)
    with pytest.raises(AccessDenied, match="双人复核"):
        bank.do("mid", by=0)
    with pytest.raises(UnableToSignOff, match="双人复核"):
        operations.transfer(bank.people[1], bank.at("mid"), person_id=bank.people[0].person_id)
    bank.do("mid", by=1)
    assert bank.open == ["after"]


def test_four_eyes_hold_between_parallel_steps_too():
    extra = {"b": '<finmart:step notSameAs="a"/>'}
    bank = Bank(seq(Block("par", "p", [step("a"), step("b")]), step("e")), extra=extra)
    bank.do("a", by=0)
    with pytest.raises(AccessDenied, match="双人复核"):
        bank.do("b", by=0)


def test_a_deputy_acts_for_the_absent_and_it_reads_as_such():
    bank = Bank(line())
    deputy = parties.member(bank.organisation, Role.INSTITUTION_ACCOUNT_MANAGER)
    absent = bank.people[0]
    now = clock.now()
    parties_operations.appoint_deputy(
        absent, deputy_id=deputy.person_id, valid_from=now - timedelta(hours=1), valid_to=now + timedelta(days=1)
    )
    operations.complete(deputy, bank.at("before"), "APPROVE")
    seat = SignOff.objects.get()
    assert (seat.person_id, seat.signed_by) == (absent.person_id, deputy.person_id)
    signed = ProcessEvent.objects.get(act=EventKind.SIGNED)
    assert signed.content["deputy_for"] == absent.person_id


# -- sign-offs --------------------------------------------------------------------------------------------------------


def test_all_must_sign_and_the_first_no_decides():
    bank = Bank(line("ALL"), variables={"signers": 3})
    bank.do("before")
    bank.do("mid", by=0)
    with pytest.raises(Conflict):
        bank.do("mid", by=0)
    bank.do("mid", by=1)
    assert bank.open == ["mid"]
    assert bank.do("mid", by=2).decided
    other = Bank(line("ALL"), variables={"signers": 3})
    other.do("before")
    assert other.do("mid", by=1, outcome="REFUSE").outcome == "REFUSE"


def test_what_each_of_several_filled_in_is_kept():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    for place, found in enumerate(("甲看到的", "乙看到的")):
        operations.complete(bank.people[place], bank.at("mid"), "APPROVE", f"意见{place}", {"findings": found})
    known = bank.instance.variables
    assert known["findings"] == "乙看到的"
    told = [(one["person"], one["outcome"], one["opinion"], one["values"]) for one in known["mid_signed"]]
    assert told == [
        (bank.people[place].person_id, "APPROVE", f"意见{place}", {"findings": found})
        for place, found in enumerate(("甲看到的", "乙看到的"))
    ]
    assert "before_signed" not in known
    assert not any(one["withdrawn"] for one in known["mid_signed"])
    with pytest.raises(UnableToSignOff):
        Bank(line("ALL"), variables={"signers": 2}).do("before", mid_signed=[])


def test_what_stands_of_a_step_leaves_out_what_was_taken_back_and_rounds_before_a_return():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    bank.do("mid", by=0, findings="写错了")
    operations.withdraw(bank.people[0], bank.at("mid"))
    bank.do("mid", by=0, findings="甲")
    bank.do("mid", by=1, findings="乙")

    def standing():
        after = queries.item_for(bank.people[2], bank.at("after"))
        return [(part.person_id, part.values["findings"]) for part in after.parts_of("mid")]

    first, second = (person.person_id for person in bank.people[:2])
    assert standing() == [(first, "甲"), (second, "乙")]
    assert [one["withdrawn"] for one in bank.instance.variables["mid_signed"]] == [True, False, False]
    operations.return_to(bank.people[2], bank.at("after"), "mid", opinion="请重做")
    bank.do("mid", by=1, findings="丙")
    bank.do("mid", by=0, findings="丁")
    assert standing() == [(second, "丙"), (first, "丁")]
    assert len(bank.instance.variables["mid_signed"]) == 5


def test_any_is_decided_by_the_first():
    bank = Bank(line("ANY"), variables={"signers": 3})
    bank.do("before")
    assert bank.do("mid", by=2).decided


def test_votes_decide_when_the_ratio_is_reached_or_out_of_reach():
    bank = Bank(line("VOTE"), variables={"signers": 3})
    bank.do("before")
    assert not bank.do("mid", by=0).decided
    assert bank.do("mid", by=1).outcome == "APPROVE"
    other = Bank(line("VOTE"), variables={"signers": 3})
    other.do("before")
    assert not other.do("mid", by=0, outcome="REFUSE").decided
    assert other.do("mid", by=1, outcome="REFUSE").outcome == "REFUSE"


@pytest.mark.parametrize("count", [0, 1, 5])
def test_the_number_of_signers_comes_from_the_case(count):
    extra = {"mid": '<finmart:signOff kind="ALL" count="signers" minimum="0"/>'}
    bank = Bank(line(), size=5, variables={"signers": count}, extra=extra)
    bank.do("before")
    bank.all_do("mid") if count else None
    assert bank.open == ["after"]
    assert states(bank, "mid") == [ItemState.DONE if count else ItemState.SKIPPED]
    assert SignOff.objects.filter(item__step="mid").count() == count


def test_too_few_signers_are_refused():
    bank = Bank(line("ALL"), variables={"signers": 0})
    with pytest.raises(UnableToSignOff, match="至少需要 1 人"):
        bank.do("before")


def test_in_turn_keeps_the_order_of_the_named_signers():
    extra = {"mid": '<finmart:signOff kind="IN_TURN" signers="chain"/>'}
    bank = Bank(line(), extra=extra)
    bank.do("before", chain=[bank.people[2].person_id, bank.people[0].person_id])
    with pytest.raises(Conflict, match="轮到"):
        bank.do("mid", by=0)
    with pytest.raises((Conflict, AccessDenied)):
        bank.do("mid", by=1)
    bank.do("mid", by=2)
    assert bank.do("mid", by=0).decided


def test_transfer_delegate_and_answer():
    bank = Bank(line())
    first, second, third = bank.people
    operations.transfer(first, bank.at("before"), person_id=second.person_id)
    with pytest.raises(Conflict):
        bank.do("before", by=0)
    operations.delegate(second, bank.at("before"), person_id=third.person_id)
    with pytest.raises(Conflict):
        bank.do("before", by=1)
    answer = operations.complete(third, bank.at("before"), "REFUSE", opinion="材料不全")
    assert not answer.decided
    assert bank.do("before", by=1).decided
    with pytest.raises(UnableToSignOff, match="本机构"):
        operations.transfer(first, bank.at("mid"), person_id=parties.bank().person_id)


def test_an_added_signer_must_sign_and_a_removed_one_need_not():
    bank = Bank(line())
    bank.do("before")
    operations.add_signer(
        bank.people[0], bank.at("mid"), person_ids=[bank.people[1].person_id, bank.people[2].person_id]
    )
    assert not bank.do("mid", by=0).decided
    assert not bank.do("mid", by=1).decided
    assert operations.remove_signer(bank.people[0], bank.at("mid"), person_id=bank.people[2].person_id)
    assert bank.open == ["after"]
    with pytest.raises(UnableToSignOff):
        operations.add_signer(bank.people[0], bank.at("after"), person_ids=[parties.bank().person_id])


def test_the_step_is_not_left_early_by_removing_a_signer():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    operations.add_signer(bank.people[0], bank.at("mid"), person_ids=[bank.people[1].person_id])
    assert not operations.remove_signer(bank.people[0], bank.at("mid"), person_id=bank.people[1].person_id)
    assert not bank.do("mid", by=0).decided
    assert bank.do("mid", by=2).decided


def test_urging_is_for_the_other_side_and_once_an_hour():
    bank = Bank(line())
    with pytest.raises(AccessDenied):
        operations.urge(bank.people[0], bank.at("before"))
    operations.urge(parties.operator(), bank.at("before"))
    with pytest.raises(UnableToUrge):
        operations.urge(parties.operator(), bank.at("before"))


# -- going back ------------------------------------------------------------------------------------------------------


def test_return_from_after_a_join_into_a_branch():
    bank = Bank(fork())
    bank.do("before", "a1", "a2", "b1", "b2")
    operations.return_to(bank.people[0], bank.at("after"), "b1", opinion="重做")
    assert bank.open == ["b1"]
    assert states(bank, "after") == [ItemState.CANCELLED]
    assert states(bank, "b2") == [ItemState.RETURNED]
    bank.do("b1", "b2")
    assert bank.open == ["after"]


def test_return_out_of_a_parallel_branch_before_the_split():
    bank = Bank(fork())
    bank.do("before", "a1")
    operations.return_to(bank.people[0], bank.at("a2"), "before", opinion="重做")
    assert bank.open == ["before"]
    assert states(bank, "b1") == [ItemState.CANCELLED]


def test_return_out_of_an_all_sign_step_with_added_signers():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    bank.do("mid", by=0)
    operations.add_signer(bank.people[1], bank.at("mid"), person_ids=[bank.people[2].person_id])
    operations.return_to(bank.people[1], bank.at("mid"), opinion="补充材料")
    assert bank.open == ["before"]
    bank.do("before")
    item = bank.item("mid")
    assert (item.seats, item.taken) == (2, 0), "the step begins anew as the model says"
    bank.do("mid", by=1)
    assert bank.do("mid", by=0).decided


def test_a_return_needs_a_reason_and_an_earlier_step():
    bank = Bank(line())
    with pytest.raises(UnableToReturn, match="没有可以退回"):
        operations.return_to(bank.people[0], bank.at("before"), opinion="x")
    bank.do("before")
    with pytest.raises(UnableToReturn, match="原因"):
        operations.return_to(bank.people[0], bank.at("mid"), opinion=" ")
    with pytest.raises(UnableToReturn, match="该步骤"):
        operations.return_to(bank.people[0], bank.at("mid"), "after", opinion="x")


def test_withdraw_takes_back_what_nobody_has_acted_on():
    bank = Bank(line())
    item = bank.at("before")
    bank.do("before")
    with pytest.raises(AccessDenied):
        operations.withdraw(bank.people[1], item)
    operations.withdraw(bank.people[0], item)
    assert bank.open == ["before"]
    item = bank.at("before")
    bank.do("before", "mid")
    with pytest.raises(UnableToWithdraw, match="已经办理"):
        operations.withdraw(bank.people[0], item)


def test_withdraw_gives_a_join_back_what_the_others_brought():
    bank = Bank(fork())
    bank.do("before", "a1", "a2", "b1")
    item = bank.at("b2")
    bank.do("b2")
    operations.withdraw(bank.people[0], item)
    assert bank.open == ["b2"]
    bank.do("b2")
    assert bank.open == ["after"]


def test_withdraw_of_one_signature_of_many():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    bank.do("mid", by=0)
    operations.withdraw(bank.people[0], bank.at("mid"))
    assert not bank.do("mid", by=1).decided
    assert bank.do("mid", by=0).decided


def test_a_payment_cannot_be_withdrawn():
    operations.bind("paid", {"v": lambda _: None})
    bank = Bank(seq(step("s"), Block("service", "v"), step("e")), key="paid")
    item = bank.at("s")
    bank.do("s")
    with pytest.raises(UnableToWithdraw):
        operations.withdraw(bank.people[0], item)


def test_a_step_that_was_skipped_is_no_target_of_a_return():
    extra = {"mid": '<finmart:signOff kind="ALL" count="signers" minimum="0"/>'}
    bank = Bank(line(), variables={"signers": 0}, extra=extra)
    bank.do("before")
    assert [t.step for t in queries.item_for(bank.people[0], bank.at("after")).return_targets] == ["before"]
    operations.return_to(bank.people[0], bank.at("after"), opinion="x")
    assert bank.open == ["before"]


def test_a_step_with_an_effect_of_its_own_cannot_be_withdrawn_and_has_it_when_skipped():
    seen = []
    operations.bind("effective", {"mid": lambda context: seen.append(context.variables["mid_outcome"])})
    extra = {"mid": '<finmart:signOff kind="ALL" count="signers" minimum="0"/>'}
    bank = Bank(line(), variables={"signers": 1}, extra=extra, key="effective")
    bank.do("before")
    item = bank.at("mid")
    bank.do("mid", signers=0)
    with pytest.raises(UnableToWithdraw, match="业务效果"):
        operations.withdraw(bank.people[0], item)
    operations.return_to(bank.people[0], bank.at("after"), "before", opinion="x")
    bank.do("before")
    assert bank.open == ["after"]
    assert seen == ["APPROVE", "APPROVE"]


# -- steering --------------------------------------------------------------------------------------------------------


def test_suspend_resume_terminate(heard):
    bank = Bank(fork())
    bank.do("before")
    with pytest.raises(AccessDenied):
        operations.suspend(bank.people[0], bank.uuid, opinion="x")
    operations.suspend(SYSTEM, bank.uuid, opinion="核查")
    with pytest.raises(Conflict, match="暂停"):
        bank.do("a1")
    operations.resume(SYSTEM, bank.uuid)
    bank.do("a1")
    operations.terminate(bank.people[0], bank.uuid, opinion="企业撤回申请")
    assert bank.open == []
    assert bank.instance.state == InstanceState.TERMINATED
    assert heard[-1].terminated
    with pytest.raises(Conflict):
        operations.terminate(SYSTEM, bank.uuid, opinion="x")
