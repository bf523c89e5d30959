"""Settings: one version at a time, dated, never in the past; the pack changes nothing twice."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parameters import operations, queries
from finmart.centres.technical.parameters.models import CalendarDay, District, Setting
from finmart.centres.technical.parameters.types import ParametersAct, UnableToSet, Unit
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal

OPERATOR = Actor(
    person_id=1, person_name="运营", organisation_id=1, organisation_kind="OPERATOR", roles=frozenset({"OPERATOR"})
)
CLERK = Actor(
    person_id=2, organisation_id=2, organisation_kind="ENTERPRISE", roles=frozenset({"ENTERPRISE_LEGAL_PERSON"})
)
SYSTEM = Actor.of_system("test")
KEY = "bank_loan.deadline.acceptance"
NOON = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _noon():
    with clock.moved_to(NOON):
        yield


def _set(value, *, key=KEY, valid_from=TODAY, actor=OPERATOR, source="运营会议纪要 12 号"):
    return operations.set_value(actor, key=key, value=value, valid_from=valid_from, source=source)


@pytest.mark.clause("G1")
@pytest.mark.django_db
def test_the_pack_of_suzhou_is_there_after_migration():
    assert [d.name for d in queries.districts()] == [
        "姑苏区", "虎丘区（高新区）", "吴中区", "相城区", "吴江区",
        "苏州工业园区", "张家港市", "常熟市", "太仓市", "昆山市",
    ]  # fmt: skip
    assert all(cluster.is_example for cluster in queries.clusters())
    assert queries.deadline(KEY).unit is Unit.WORKING_DAYS
    assert queries.value("limits.guarantor.single_client") == Decimal("0.10")


@pytest.mark.clause("G1")
@pytest.mark.django_db
def test_every_number_that_is_not_law_says_it_is_ours():
    for view in queries.settings_for(OPERATOR):
        assert view.source
        assert view.is_example == ("缺省" in view.source), view.key


@pytest.mark.clause("G1")
@pytest.mark.django_db
def test_loading_the_pack_again_changes_nothing():
    before = list(Setting.objects.order_by("pk").values_list())
    assert operations.load_pack(SYSTEM, "suzhou") == 0
    assert list(Setting.objects.order_by("pk").values_list()) == before


@pytest.mark.django_db
def test_a_pack_that_changed_brings_only_its_change_and_says_so():
    Setting.objects.filter(key=KEY).update(value=9)
    District.objects.filter(code="320508").update(name="平江区")
    CalendarDay.objects.filter(on=date(2026, 10, 1)).update(is_working=True)
    assert operations.load_pack(SYSTEM, "suzhou") == 3
    assert queries.value(KEY) == 2
    assert not queries.is_working_day(date(2026, 10, 1))
    assert ParametersAct.SETTING_CORRECT in {row.tag for row in audit_queries.entries_for(OPERATOR)}


@pytest.mark.django_db
def test_what_an_operator_set_no_pack_overrules():
    _set(7)
    operations.set_day(OPERATOR, on=TODAY, is_working=False, name="台风停工", source="市政府通告")
    operations.load_pack(SYSTEM, "suzhou")
    assert queries.value(KEY) == 7
    assert not queries.is_working_day(TODAY)


@pytest.mark.parametrize("name", ["../suzhou", "nowhere", ""])
@pytest.mark.django_db
def test_a_pack_that_is_not_there_is_refused(name):
    with pytest.raises(NotFound):
        operations.load_pack(SYSTEM, name)


@pytest.mark.clause("B13")
@pytest.mark.django_db
def test_a_value_holds_from_its_day_on_and_the_old_one_until_then():
    _set(5, valid_from=TODAY + timedelta(days=10))
    assert queries.value(KEY) == 2
    assert queries.value(KEY, TODAY + timedelta(days=9)) == 2
    assert queries.value(KEY, TODAY + timedelta(days=10)) == 5
    entry = audit_queries.entries_for(OPERATOR, subject=f"setting:{KEY}")[0]
    assert (entry.content["before"], entry.content["after"]) == (2, 5)


@pytest.mark.django_db
def test_an_earlier_decision_withdraws_the_planned_one_and_history_keeps_it():
    _set(5, valid_from=TODAY + timedelta(days=10))
    _set(6, valid_from=TODAY + timedelta(days=3))
    assert queries.value(KEY, TODAY + timedelta(days=20)) == 6
    history = queries.history_for(OPERATOR, KEY)
    assert [(v.value, v.withdrawn_at is None) for v in history] == [(5, False), (6, True), (2, True)]


@pytest.mark.clause("B13")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": "5"}, "value"),
        ({"value": True}, "value"),
        ({"value": 0}, "value"),
        ({"value": 366}, "value"),
        ({"value": 2}, "value"),
        ({"value": Decimal("0.11"), "key": "limits.guarantor.single_client"}, "value"),
        ({"value": 5, "valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"value": 5, "source": "  "}, "source"),
        ({"value": 5, "source": "长" * 301}, "source"),
    ],
)
@pytest.mark.django_db
def test_a_wrong_value_is_refused_beside_its_field(change, field):
    with pytest.raises(UnableToSet) as refusal:
        _set(**change)
    assert refusal.value.field == field
    assert queries.value(KEY) == 2


@pytest.mark.clause("B13")
@pytest.mark.django_db
def test_only_operator_staff_read_and_set():
    for actor in (CLERK, Actor.visitor(), Actor(person_id=3, organisation_kind="BANK", roles=frozenset({"OPERATOR"}))):
        for attempt in (
            lambda actor=actor: _set(5, actor=actor),
            lambda actor=actor: operations.set_day(actor, on=TODAY, is_working=False, name="", source="x"),
            lambda actor=actor: operations.load_pack(actor, "suzhou"),
            lambda actor=actor: queries.settings_for(actor),
            lambda actor=actor: queries.history_for(actor, KEY),
            lambda actor=actor: queries.calendar_for(actor, 2026),
        ):
            with pytest.raises(AccessDenied):
                attempt()


@pytest.mark.django_db
def test_an_unknown_key_is_told():
    with pytest.raises(NotFound):
        queries.value("no.such.key")
    with pytest.raises(NotFound):
        _set(5, key="no.such.key")
    with pytest.raises(NotFound):
        queries.value(KEY, date(2017, 12, 31))


@pytest.mark.django_db
def test_the_database_refuses_two_versions_of_one_day():
    one = Setting.objects.get(key=KEY)
    one.pk = None
    with pytest.raises(IntegrityError, match="one_at_a_time"), transaction.atomic():
        one.save(force_insert=True)


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), max_size=8))
@settings(max_examples=25, deadline=None)
def test_after_any_decisions_every_day_has_the_value_decided_last_for_it(decisions):
    with transaction.atomic():
        decided = dict.fromkeys(range(15), 2)
        for day, number in decisions:
            with suppress(UnableToSet):  # nothing new
                _set(number, valid_from=TODAY + timedelta(days=day))
            decided.update(dict.fromkeys(range(day, 15), number))
        assert {day: queries.value(KEY, TODAY + timedelta(days=day)) for day in decided} == decided
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_many_settings_take_one_query(django_assert_num_queries):
    keys = [view.key for view in queries.settings_for(OPERATOR)]
    with django_assert_num_queries(1):
        assert len(queries.values(keys)) == len(keys)
    with django_assert_num_queries(1):
        queries.working_calendar()


def test_two_people_who_set_the_same_value_at_once_leave_one_version(committed_database):
    barrier, outcomes = Barrier(2), []

    def change(value):
        try:
            with clock.moved_to(NOON), transaction.atomic():
                barrier.wait(timeout=10)
                _set(value)
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [Thread(target=change, args=(value,)) for value in (11, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["done", "done"]
    kept = Setting.objects.filter(key=KEY, withdrawn_at=None)
    assert next(one.value for one in kept if one.valid_from == TODAY) in {11, 12}
    assert kept.count() == 2


@pytest.mark.clause("B13")
@pytest.mark.django_db
def test_a_day_set_by_the_operator_counts_at_once():
    saturday = date(2027, 2, 6)
    assert not queries.working_calendar().is_announced(saturday)
    operations.set_day(OPERATOR, on=saturday, is_working=True, name="春节调休", source="国务院办公厅通知")
    calendar = queries.working_calendar()
    assert calendar.is_working(saturday)
    assert calendar.is_announced(saturday)
    assert queries.is_working_day(saturday)
    shown = queries.calendar_for(OPERATOR, 2027)
    assert len(shown) == 365
    assert sum(day.is_announced for day in shown) == 1
    with pytest.raises(UnableToSet):
        operations.set_day(OPERATOR, on=TODAY - timedelta(days=1), is_working=True, name="", source="x")


@pytest.mark.django_db
def test_a_calendar_since_a_day_knows_that_day_and_later_ones():
    whole, rest = queries.working_calendar(), queries.working_calendar(since=date(2026, 10, 1))
    assert rest.announced_through == whole.announced_through
    assert dict(rest.exceptions) == {on: worked for on, worked in whole.exceptions.items() if on >= date(2026, 10, 1)}
    assert date(2026, 10, 1) in rest.exceptions
    assert len(rest.exceptions) < len(whole.exceptions)
