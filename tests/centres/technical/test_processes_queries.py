"""What each actor sees of a process, and how many queries a list takes."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import parties
from factories.process_models import Block
from factories.processes import SYSTEM, Bank
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import Role
from finmart.centres.technical.processes import operations, queries
from finmart.centres.technical.processes.types import EventKind, ItemState, LaneHolder, Mark, ProcessesAct
from finmart.kit import clock
from finmart.kit.errors import NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.clause("A6")]
MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


def step(name, sign_off="SINGLE"):
    return Block("step", name, sign_off=sign_off)


def seq(*parts):
    return Block("seq", "q", list(parts))


def line(kind="SINGLE"):
    return seq(step("before"), step("mid", kind), step("after"))


def steps(rows):
    return [row.step for row in rows]


def test_an_open_item_is_seen_by_who_may_work_on_it_and_says_what_they_may_do():
    bank = Bank(line())
    (row,) = queries.open_items_for(bank.people[0])
    assert (row.step, row.state, row.seats, row.signed) == ("before", ItemState.OPEN, 1, 0)
    assert [option.label for option in row.outcomes] == ["同意", "不同意"]
    assert ProcessesAct.ITEM_CLAIM in row.acts
    assert ProcessesAct.ITEM_RELEASE not in row.acts
    assert queries.open_items_for(parties.bank(Role.INSTITUTION_APPROVER)) == []
    assert queries.open_items_for(parties.member(bank.organisation, Role.INSTITUTION_REVIEWER)) == []
    operations.claim(bank.people[0], row.uuid)
    assert queries.count_open_items_for(bank.people[1]) == 0
    (mine,) = queries.open_items_for(bank.people[0])
    assert ProcessesAct.ITEM_RELEASE in mine.acts
    assert mine.signers[0].name == "审批0"


def test_who_has_signed_sees_it_among_the_done_and_not_the_open():
    bank = Bank(line("ALL"), variables={"signers": 2})
    bank.do("before")
    bank.do("mid", by=1)
    assert queries.open_items_for(bank.people[1]) == []
    assert steps(queries.open_items_for(bank.people[0])) == ["mid"]
    (done,) = queries.done_items_for(bank.people[1])
    assert done.signed == 1
    assert ProcessesAct.ITEM_WITHDRAW in done.acts
    assert queries.count_done_items_for(bank.people[0]) == 1


def test_in_turn_only_the_next_sees_it():
    extra = {"mid": '<finmart:signOff kind="IN_TURN" signers="chain"/>'}
    bank = Bank(line(), extra=extra)
    bank.do("before", chain=[bank.people[2].person_id, bank.people[0].person_id])
    assert [queries.count_open_items_for(person) for person in bank.people] == [0, 0, 1]
    bank.do("mid", by=2)
    assert [queries.count_open_items_for(person) for person in bank.people] == [1, 0, 0]


def test_a_delegate_and_a_deputy_see_what_they_may_do():
    bank = Bank(line())
    operations.delegate(bank.people[0], bank.at("before"), person_id=bank.people[1].person_id)
    assert [queries.count_open_items_for(person) for person in bank.people] == [0, 1, 0]
    deputy = parties.member(bank.organisation, Role.INSTITUTION_ACCOUNT_MANAGER)
    now = clock.now()
    parties_operations.appoint_deputy(
        bank.people[1], deputy_id=deputy.person_id, valid_from=now, valid_to=now + timedelta(days=1)
    )
    assert steps(queries.open_items_for(deputy)) == ["before"]


def test_one_item_tells_its_return_targets_and_variables_to_its_side_only():
    bank = Bank(line())
    bank.do("before", amount=5)
    row = queries.item_for(bank.people[0], bank.at("mid"))
    assert [target.step for target in row.return_targets] == ["before"]
    assert row.variables["amount"] == 5
    with pytest.raises(NotFound):
        queries.item_for(parties.bank(), bank.at("mid"))
    reader = parties.member(bank.organisation, Role.INSTITUTION_REVIEWER)
    assert queries.item_for(reader, bank.at("mid")).variables == {}
    first = queries.item_for(bank.people[0], bank.item("before").uuid)
    assert ProcessesAct.ITEM_WITHDRAW in first.acts
    bank.do("mid")
    first = queries.item_for(bank.people[0], bank.item("before").uuid)
    assert ProcessesAct.ITEM_WITHDRAW not in first.acts


def test_copies_arrive_and_may_be_read():
    bank = Bank(line())
    reader = parties.member(bank.organisation, Role.INSTITUTION_REVIEWER)
    operations.copy(bank.people[0], bank.at("before"), person_ids=[reader.person_id])
    operations.copy(bank.people[0], bank.at("before"), person_ids=[reader.person_id])
    (row,) = queries.copied_to(reader)
    assert ProcessesAct.ITEM_COMPLETE not in row.acts
    assert queries.count_copied_to(reader) == 1


def test_the_bar_of_steps_and_the_painted_diagram():
    tree = seq(step("before"), Block("xor", "x", [step("left"), step("right")]), step("after"))
    bank = Bank(tree, variables={"x": 1})
    bank.do("before", "right")
    operations.return_to(bank.people[0], bank.at("after"), "before", opinion="重来")
    marks = {row.step: row.mark for row in queries.steps_of(bank.people[0], bank.uuid)}
    assert marks == {
        "before": Mark.CURRENT, "left": Mark.UPCOMING, "right": Mark.RETURNED, "after": Mark.CANCELLED
    }  # fmt: skip
    bank.do("before")
    progress = queries.progress_of(bank.people[0], bank.uuid)
    assert progress.marks["x_split"] == Mark.DONE
    assert progress.marks["x_f1"] == Mark.DONE
    assert "x_f0" not in progress.marks
    assert progress.marks["right"] == Mark.CURRENT
    assert "<bpmn:definitions" in progress.xml


def test_another_party_sees_how_far_but_not_who_wrote_what():
    bank = Bank(line())
    firm = parties.enterprise()
    instance = bank.instance
    instance.lanes["企业"] = {"organisation_id": firm.organisation_id, "person_id": None, "roles": []}
    instance.save()
    operations.complete(bank.people[0], bank.at("before"), "REFUSE", opinion="内部意见")
    signed = next(row for row in queries.events_of(firm, bank.uuid) if row.act == EventKind.SIGNED)
    assert (signed.person_name, signed.opinion, signed.content) == ("", "", {})
    own = next(row for row in queries.events_of(bank.people[1], bank.uuid) if row.act == EventKind.SIGNED)
    assert own.opinion == "内部意见"
    row = queries.steps_of(firm, bank.uuid)[0]
    assert (row.mark, row.outcome_label, row.item_uuid) == (Mark.DONE, "", None)
    for read in (queries.steps_of, queries.events_of, queries.progress_of, queries.time_by_lane_for):
        with pytest.raises(NotFound):
            read(parties.enterprise(), bank.uuid)


def test_started_and_instances_of_a_case():
    bank = Bank(line())
    (row,) = queries.started_by(bank.people[0])
    assert row.current == ("before",)
    assert ProcessesAct.INSTANCE_TERMINATE in row.acts
    assert queries.count_started_by(bank.people[1]) == 0
    assert len(queries.instances_of(bank.people[1], bank.case_uuid)) == 1
    assert queries.instances_of(parties.bank(), bank.case_uuid) == []


def test_the_open_item_of_a_case_is_found_by_step_and_kind_of_process_until_the_process_is_over():
    bank = Bank(line())
    found = queries.find_open_item(bank.case_uuid, "before", "sample")
    assert found == queries.open_item_of(bank.case_uuid, "before")
    assert queries.find_open_item(bank.case_uuid, "mid", "sample") is None
    assert queries.find_open_item(bank.case_uuid, "before", "another") is None
    operations.terminate(SYSTEM, bank.uuid, opinion="x")
    assert queries.find_open_item(bank.case_uuid, "before", "sample") is None


def test_whose_time_it_was():
    with clock.moved_to(MONDAY):
        bank = Bank(line())
        instance = bank.instance
        instance.lanes["企业"] = {"organisation_id": 1, "person_id": None, "roles": []}
        instance.save()
    with clock.moved_to(MONDAY + timedelta(hours=5)):
        operations.pause(bank.people[0], bank.uuid, owed_by="企业")
    with clock.moved_to(MONDAY + timedelta(hours=15)):
        operations.unpause(bank.people[0], bank.uuid)
    with clock.moved_to(MONDAY + timedelta(hours=17)):
        taken = queries.time_by_lane_for(bank.people[0], bank.uuid)
    minute = timedelta(minutes=1)
    assert taken["企业"] == pytest.approx(timedelta(hours=10), abs=minute)
    assert taken["银行"] == pytest.approx(timedelta(hours=7), abs=minute)


def test_due_soon_is_ordered_by_urgency():
    extra = {"before": '<finmart:deadline amount="5" unit="HOURS" source="platform default"/>'}
    bank = Bank(line(), extra=extra)
    assert steps(queries.due_soon_for(bank.people[0])) == ["before"]
    assert queries.count_due_soon_for(bank.people[0], within=timedelta(hours=1)) == 0


@pytest.mark.parametrize("read", [queries.open_items_for, queries.due_soon_for, queries.started_by])
def test_a_list_takes_as_many_queries_for_ten_as_for_one(read):
    extra = {"before": '<finmart:deadline amount="5" unit="HOURS" source="platform default"/>'}
    bank = Bank(line(), extra=extra)
    person = bank.people[0]
    operations.claim(person, bank.at("before"))
    read(person)
    with CaptureQueriesContext(connection) as one:
        read(person)
    stored = bank.instance.lanes["银行"]
    lanes = {"银行": LaneHolder(stored["organisation_id"], None, tuple(stored["roles"]))}
    for _ in range(9):
        operations.start(person, "sample", case_uuid=bank.case_uuid, lanes=lanes)
    with CaptureQueriesContext(connection) as ten:
        assert len(read(person)) == 10
    assert len(ten) == len(one) <= 6


def test_a_complete_step_takes_few_queries():
    extra = dict.fromkeys(("before", "mid"), '<finmart:deadline amount="5" unit="HOURS" source="default"/>')
    bank = Bank(line(), extra=extra)
    item = bank.at("before")
    with CaptureQueriesContext(connection) as seen:
        operations.complete(bank.people[0], item, "APPROVE")
    assert len(seen) <= 4, [query["sql"][:90] for query in seen]


def test_overseers_see_all():
    bank = Bank(line())
    assert queries.item_for(parties.operator(), bank.at("before")).step == "before"
    assert queries.events_of(SYSTEM, bank.uuid)
