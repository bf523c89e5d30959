"""Feeds over real HTTP: whole batches become facts, and whatever goes wrong leaves the facts as they were."""

from contextlib import suppress
from datetime import timedelta

import pytest

from factories import parties as people
from factories.supplying import SUPPLIED_ON, due_again, record
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import operations, queries, tasks
from finmart.centres.data.sources.models import Batch, Feed, Record
from finmart.centres.data.sources.operations import fetching
from finmart.centres.data.sources.types import BatchState, FeedHealth, FeedState, LeaseLost, UnableToFeed
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.integrations.data_sharing import client as client_module
from finmart.kit import clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D1")]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(client_module, "PAUSE_SECONDS", 0)


@pytest.fixture
def firm():
    return people.enterprise(name="吴门精工")


@pytest.fixture
def code_of(firm):
    return parties_queries.organisation(firm.organisation_id).credit_code


def _facts(firm):
    return {view.code: view for view in profiles_queries.own_facts_for(firm)}


def _feed(code="court"):
    return Feed.objects.get(code=code)


def _again(code="court"):
    due_again(code)
    tasks.fetch(code)


def test_records_become_facts_with_source_and_day_and_a_second_run_adds_nothing(sources, firm, code_of):
    sources("court").supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4, enforced_amount="12.34")])
    tasks.fetch("court")
    fact = _facts(firm)["litigation_count"]
    assert (fact.value, fact.source, fact.as_of_on.isoformat()) == (4, "司法涉诉", "2026-10-31")
    assert _facts(firm)["enforced_amount_fen"].value == 1234
    feed = _feed()
    assert (feed.cursor, feed.failures, feed.lease) == ("1", 0, None)
    tasks.fetch("court")
    _again()
    assert Record.objects.count() == 1
    assert Batch.objects.get().state == BatchState.LOADED


def test_only_what_is_new_is_asked_for(sources, firm, code_of):
    office = sources("court")
    office.supply("2026-09", SUPPLIED_ON, [record("court", code_of, as_of_on="2026-09-30", cases=1)])
    tasks.fetch("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=2)])
    _again()
    assert _facts(firm)["litigation_count"].value == 2
    assert list(Batch.objects.order_by("pk").values_list("number", flat=True)) == ["2026-09", "2026-10"]


def test_the_same_batch_twice_changes_nothing_and_another_content_under_its_number_is_refused(sources, firm, code_of):
    office = sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    tasks.fetch("court")
    Feed.objects.filter(code="court").update(cursor="")
    _again()
    assert (Record.objects.count(), _feed().cursor, _feed().failures) == (1, "1", 0)
    assert Batch.objects.get().message == "同一批次再次送来，内容相同，没有重复入库"
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=5)])
    Feed.objects.filter(code="court").update(cursor="")
    _again()
    assert "再次送来的内容却不同" in _feed().latest_failure
    assert _facts(firm)["litigation_count"].value == 4


@pytest.mark.parametrize(
    ("lie", "said"),
    [({"announced": 2}, "通知 2 条，收到 1 条"), ({"digest": "f" * 64}, "校验值与通知不符"),
     ({"announced": 0}, "通知 0 条，收到 1 条")],
)  # fmt: skip
def test_half_a_batch_is_never_loaded_and_comes_whole_later(sources, firm, code_of, lie, said):
    office = sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)], **lie)
    tasks.fetch("court")
    batch = Batch.objects.get()
    assert (batch.state, Record.objects.count()) == (BatchState.REFUSED, 0)
    assert said in batch.message
    assert said in _feed().latest_failure
    assert "litigation_count" not in _facts(firm)
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    tasks.fetch("court")
    assert "litigation_count" not in _facts(firm)  # left alone after the failure
    _again()
    batch.refresh_from_db()
    assert (batch.state, batch.attempts, _feed().failures) == (BatchState.LOADED, 2, 0)
    assert _facts(firm)["litigation_count"].value == 4


def test_a_run_killed_between_pages_is_taken_up_where_it_was(sources, firm, code_of, monkeypatch):
    others = [people.enterprise() for _ in range(3)]
    codes = [code_of, *_codes(others)]
    sources("court").supply("2026-10", SUPPLIED_ON, [record("court", one, cases=4) for one in codes])
    Feed.objects.filter(code="court").update(page_size=2)
    store = tasks.operations.store_page

    def killed(actor, run, page, delivered):
        if page == 2:
            raise KeyboardInterrupt
        return store(actor, run, page, delivered)

    monkeypatch.setattr(tasks.operations, "store_page", killed)
    with suppress(KeyboardInterrupt):
        tasks.fetch("court")
    assert Batch.objects.get().state == BatchState.RECEIVING
    assert "litigation_count" not in _facts(firm)
    monkeypatch.setattr(tasks.operations, "store_page", store)
    tasks.fetch("court")
    assert Record.objects.count() == 2  # the dead run still holds the lease
    with clock.moved_to(clock.now() + fetching.LEASE + timedelta(seconds=1)):
        asked = []
        page = client_module.SourceClient.page
        monkeypatch.setattr(
            client_module.SourceClient, "page", lambda self, *words: asked.append(words[1]) or page(self, *words)
        )
        tasks.fetch("court")
    assert asked == [2]
    assert (Record.objects.count(), Batch.objects.get().state) == (4, BatchState.LOADED)
    assert _facts(firm)["litigation_count"].value == 4


def test_a_slow_run_that_lost_its_lease_writes_nothing(sources, firm, code_of):
    sources("court").supply("2026-10", SUPPLIED_ON, [record("court", code_of)])
    slow = operations.begin_run(tasks.FEEDER, "court")
    assert operations.begin_run(tasks.FEEDER, "court") is None
    with clock.moved_to(clock.now() + fetching.LEASE + timedelta(seconds=1)):
        tasks.fetch("court")
    for late in (
        lambda: operations.end_run(tasks.FEEDER, slow, is_up_to_date=True),
        lambda: operations.fail_run(tasks.FEEDER, slow, "too late"),
        lambda: operations.keep_to_columns(tasks.FEEDER, slow, []),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert (_feed().failures, _feed().state, Batch.objects.get().state) == (0, FeedState.ACTIVE, BatchState.LOADED)


def test_a_run_takes_no_more_pages_than_agreed_and_goes_on_at_the_next_look(sources, firm, code_of):
    others = [people.enterprise() for _ in range(4)]
    sources("court").supply("2026-10", SUPPLIED_ON, [record("court", one) for one in [code_of, *_codes(others)]])
    Feed.objects.filter(code="court").update(page_size=1, pages_per_run=2)
    for stored in (2, 4, 5):
        tasks.fetch("court")
        assert Record.objects.count() == stored
    assert Batch.objects.get().state == BatchState.LOADED
    tasks.fetch("court")
    assert _feed().latest_success_at is not None


def test_a_feed_waits_while_too_many_batches_wait_for_people(sources, firm, code_of):
    office = sources("court")
    Feed.objects.filter(code="court").update(most_unfinished=1)
    bad = [{**record("court", code_of), "key": None}]
    office.supply("2026-09", SUPPLIED_ON, bad)
    tasks.fetch("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    assert Batch.objects.get().state == BatchState.HELD
    _again()
    assert Batch.objects.count() == 1
    operator = people.operator()
    (row,) = [one for one in queries.feeds_for(operator) if one.code == "court"]
    assert (row.health, row.next_at) == (FeedHealth.HELD_UP, None)
    with pytest.raises(UnableToFeed, match="理由"):
        operations.reject_batch(operator, Batch.objects.get().uuid, "坏")
    operations.reject_batch(operator, Batch.objects.get().uuid, "缺少记录编号，请补齐后重送")
    _again()
    assert _facts(firm)["litigation_count"].value == 4


def test_a_held_batch_is_released_with_a_reason(sources, firm, code_of):
    records = [record("court", code_of, cases=4), *[{**record("court", code_of), "key": None}] * 3]
    sources("court").supply("2026-10", SUPPLIED_ON, records)
    operator = people.operator()
    tasks.fetch("court")
    batch = Batch.objects.get()
    assert (batch.state, batch.unreadable) == (BatchState.HELD, 3)
    assert "litigation_count" not in _facts(firm)
    assert "暂存待核" in notices_queries.notices_for(operator)[0].title
    operations.release_batch(operator, batch.uuid, "已电话核对，其余记录作废")
    assert _facts(firm)["litigation_count"].value == 4
    with pytest.raises(UnableToFeed):
        operations.release_batch(operator, batch.uuid, "再放行一次看看")


def test_a_source_that_is_down_is_told_of_and_its_facts_keep_their_day(sources, firm, code_of):
    office, operator = sources("court"), people.operator()
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    tasks.fetch("court")
    office.fail("ERROR", times=9)
    for failures in (1, 2, 3):
        _again()
        assert _feed().failures == failures
    feed = _feed()
    assert feed.not_before - clock.now() > timedelta(minutes=3)
    assert "HTTP 503" in feed.latest_failure
    note = queries.supply_notes()["litigation_count"]
    assert (note.health, note.feed_name) == (FeedHealth.DOWN, "司法涉诉")
    assert "取数失败 3 次" in note.trouble
    assert "已有数据保持原日期" in notices_queries.notices_for(operator)[0].body
    assert (_facts(firm)["litigation_count"].value, _facts(firm)["litigation_count"].as_of_on.month) == (4, 10)
    _again()
    assert (_feed().failures, _feed().failing_since) == (0, None)
    assert queries.supply_notes()["litigation_count"].trouble == ""


@pytest.mark.parametrize(("kind", "said"), [("GARBLED", "不是 JSON"), ("TIMEOUT", "超时")])
def test_nonsense_and_silence_are_failures_too(sources, monkeypatch, kind, said):
    monkeypatch.setattr(client_module, "TIMEOUT_SECONDS", 0.1)
    sources("court").fail(kind, times=3, seconds=0.3)
    tasks.fetch("court")
    assert _feed().failures == 1
    assert said in _feed().latest_failure


def test_patience_asked_for_is_given_and_is_no_failure(sources, firm, code_of):
    office = sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of)])
    office.fail("BUSY", seconds=1800)
    tasks.fetch("court")
    feed = _feed()
    assert (feed.failures, feed.lease) == (0, None)
    assert timedelta(minutes=29) < feed.not_before - clock.now() <= timedelta(minutes=30)
    tasks.fetch("court")
    assert not Batch.objects.exists()
    with clock.moved_to(clock.now() + timedelta(minutes=31)):
        tasks.fetch("court")
    assert Batch.objects.get().state == BatchState.LOADED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"drop": ["dishonest"]}, "缺少列“失信被执行人”（dishonest）"),
        ({"rename": {"cases": "case_count"}}, "缺少列“涉诉次数”（cases），多出列 case_count（可能是改名）"),
        ({"retype": {"cases": "TEXT"}}, "列“涉诉次数”（cases）由整数变为 TEXT"),
    ],
)
def test_changed_columns_stop_the_feed_in_one_sentence_and_alarm(sources, firm, code_of, change, said):
    office, operator = sources("court"), people.operator()
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, cases=4)])
    office.drift(**change)
    tasks.fetch("court")
    feed = _feed()
    assert feed.state == FeedState.STOPPED
    assert feed.state_reason == f"司法涉诉的数据结构变了：{said}；已停止接入，没有写入任何记录"
    assert not Batch.objects.exists()
    assert notices_queries.notices_for(operator)[0].body == feed.state_reason
    _again()
    assert not Batch.objects.exists()
    office.drift()
    operations.resume_feed(operator, "court")
    _again()
    assert _facts(firm)["litigation_count"].value == 4


def test_columns_that_change_between_two_pages_stop_the_feed_before_anything_is_a_fact(sources, firm, code_of):
    office = sources("court")
    (other,) = _codes([people.enterprise()])
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of), record("court", other)])
    Feed.objects.filter(code="court").update(page_size=1, pages_per_run=1)
    tasks.fetch("court")
    office.drift(drop=["cases"])
    _again()
    assert _feed().state == FeedState.STOPPED
    assert "litigation_count" not in _facts(firm)


def test_a_value_of_another_kind_says_nothing_and_is_never_a_zero(sources, firm, code_of):
    content = record("court", code_of, cases="很多", as_defendant=None, enforced_amount="1e9", dishonest="否")
    office = sources("court")
    office.supply("2026-10", SUPPLIED_ON, [content])
    tasks.fetch("court")
    batch = Batch.objects.get()
    assert batch.message == "4 个值中有 3 个与约定的类型不符，超过 10%"
    operations.release_batch(people.operator(), batch.uuid, "供数单位说明，其余作废")
    batch.refresh_from_db()
    assert (batch.state, batch.unusable) == (BatchState.LOADED, 3)
    assert not {"litigation_count", "enforced_amount_fen", "is_dishonest_debtor", "defendant_cases"} & set(_facts(firm))
    tax = record("tax", code_of, tax_grade="Z", annual_tax="-3.00", previous_annual_tax="0.00")
    sources("tax").supply("2026-10", SUPPLIED_ON, [tax])
    tasks.fetch("tax")
    assert Batch.objects.get(feed__code="tax").unusable == 2
    assert _facts(firm)["previous_annual_tax_fen"].value == 0
    assert not {"tax_grade", "annual_tax_fen"} & set(_facts(firm))


def test_signs_no_store_can_hold_do_not_stop_a_batch(sources, firm, code_of):
    content = record("tax", code_of, tax_grade="A\x00", tax_arrears={"深": ["结构"]})
    sources("tax").supply("2026-10", SUPPLIED_ON, [content, {**content, "key": "far", "as_of_on": "2999-01-01"}] * 1)
    Feed.objects.filter(code="tax").update(most_unfinished=5)
    tasks.fetch("tax")
    batch = Batch.objects.get()
    assert (batch.received, batch.unreadable, batch.state) == (2, 1, BatchState.HELD)
    operations.release_batch(people.operator(), batch.uuid, "日期写错的一条作废")
    assert "tax_grade" not in _facts(firm)
    assert _facts(firm)["annual_tax_fen"].value == 123_450


def test_two_records_of_a_firm_and_day_are_held_unless_one_replaces_the_other(sources, firm, code_of):
    office = sources("court")
    two = [record("court", code_of, key="C-1", cases=4), record("court", code_of, key="C-2", cases=5)]
    office.supply("2026-10", SUPPLIED_ON, two)
    tasks.fetch("court")
    assert (Batch.objects.get().state, "同一日期有两条" in Batch.objects.get().message) == (BatchState.HELD, True)
    two[1]["replaces"] = "C-1"
    office.supply("2026-11", SUPPLIED_ON, two)
    _again()
    assert Batch.objects.get(number="2026-11").state == BatchState.LOADED
    assert _facts(firm)["litigation_count"].value == 5


def test_firms_that_are_not_registered_are_counted_and_not_kept(sources, firm, code_of):
    office = sources("court")
    stranger = people.credit_code()
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of), record("court", stranger)])
    tasks.fetch("court")
    batch = Batch.objects.get()
    assert (batch.received, batch.unknown, batch.records.count()) == (2, 1, 1)
    late = parties_operations.register_organisation(
        people.SYSTEM, kind=OrganisationKind.ENTERPRISE, name="后来者", credit_code=stranger, is_example=True
    )
    operations.fetch_anew(people.operator(), "court")
    tasks.fetch("court")
    assert Record.objects.filter(organisation_id=late.id).count() == 1
    assert Record.objects.count() == 2  # what was here is not kept twice
    assert profiles_queries.count_facts() == (8, 2)


def test_a_correction_takes_the_place_of_a_record_that_stays(sources, firm, code_of):
    office = sources("court")
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of, key="C-1", cases=4)])
    tasks.fetch("court")
    office.supply("2026-10-b", SUPPLIED_ON, [record("court", code_of, key="C-1b", cases=0, replaces="C-1")])
    _again()
    old, new = Record.objects.order_by("pk")
    assert (old.replaced_by_id, old.content["cases"], new.content["cases"]) == (new.pk, 4, 0)
    assert _facts(firm)["litigation_count"].value == 0
    assert _facts(firm)["litigation_count"].text == "0 次"


def test_a_withdrawn_batch_is_refused_and_does_not_block_the_feed(sources, firm, code_of):
    office = sources("court")
    (other,) = _codes([people.enterprise()])
    office.supply("2026-10", SUPPLIED_ON, [record("court", code_of), record("court", other)])
    Feed.objects.filter(code="court").update(page_size=1, pages_per_run=1)
    tasks.fetch("court")
    Batch.objects.update(number="forgotten")
    _again()
    assert Batch.objects.get().state == BatchState.REFUSED
    assert "不再提供" in Batch.objects.get().message
    assert _feed().failures == 1


def test_paused_is_paused(sources, firm, code_of):
    sources("court").supply("2026-10", SUPPLIED_ON, [record("court", code_of)])
    operator = people.operator()
    operations.pause_feed(operator, "court", "供数协议到期，待续签")
    _again()
    assert not Batch.objects.exists()
    assert "供数协议到期" in queries.supply_notes()["litigation_count"].trouble
    with pytest.raises(UnableToFeed):
        operations.pause_feed(operator, "court", "再次暂停一下")
    operations.resume_feed(operator, "court")
    _again()
    assert Batch.objects.exists()


def test_an_unconfigured_source_is_down_in_words(settings):
    settings.FINMART_SOURCES_URL, settings.FINMART_SOURCE_URLS = "", {}
    tasks.fetch("court")
    assert "没有配置来源地址" in _feed().latest_failure


def _codes(firms):
    return [parties_queries.organisation(one.organisation_id).credit_code for one in firms]
