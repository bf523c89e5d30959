"""Notices: told once, read by their owner only, sent by e-mail once, queued in the transaction of the act."""

import smtplib
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.notices import operations, queries, rules, tasks
from finmart.centres.technical.notices.models import Delivery, Notice
from finmart.centres.technical.notices.types import DeliveryState, UnknownText
from finmart.centres.technical.parties import operations as parties_operations
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.transactions import OutsideTransaction

SYSTEM = Actor.of_system("test")
OPERATOR = Actor(person_id=1, organisation_kind="OPERATOR", roles=frozenset({"OPERATOR"}))
VALUES = {"number": "A-1", "step": "受理", "due": "2026-11-24"}


def _person(username, email=""):
    ref = parties_operations.register_person(SYSTEM, username=username, full_name=username, password=None, email=email)
    return Actor(person_id=ref.id, person_name=ref.full_name)


@pytest.fixture
def clerk(db):
    return _person("clerk", "clerk@example.test")


@pytest.fixture
def stranger(db):
    return _person("stranger")


def _notify(*actors, **changes):
    wanted = {"template": "item_assigned", "values": VALUES, "link": "/cases/A-1/", **changes}
    before = Notice.objects.count()
    operations.notify(SYSTEM, person_ids=[one.person_id for one in actors], **wanted)
    return Notice.objects.count() - before


@pytest.mark.clause("D8")
def test_everybody_named_is_told_in_words(clerk, stranger):
    assert _notify(clerk, stranger, clerk) == 2
    (notice,) = queries.notices_for(clerk)
    assert (notice.title, notice.link) == ("有新的待办事项", "/cases/A-1/")
    assert notice.body == "案件 A-1 的“受理”等待您办理，期限 2026-11-24。"
    assert audit_queries.entries_for(OPERATOR, subject="template:item_assigned")


@pytest.mark.clause("D8")
def test_a_notice_is_read_by_its_owner_only(clerk, stranger):
    _notify(clerk)
    (notice,) = queries.notices_for(clerk)
    assert queries.notices_for(stranger) == []
    assert queries.notices_for(Actor.visitor()) == []
    for other in (stranger, Actor.visitor(), SYSTEM):
        with pytest.raises(NotFound):
            operations.mark_read(other, notice.uuid)
    with pytest.raises(AccessDenied):
        operations.mark_all_read(Actor.visitor())
    assert queries.unread_count_for(clerk) == 1
    first = operations.mark_read(clerk, notice.uuid)
    assert operations.mark_read(clerk, notice.uuid).read_at == first.read_at
    assert queries.unread_count_for(clerk) == 0


def test_all_are_read_at_once_and_lists_are_paged(clerk):
    for number in range(5):
        _notify(clerk, values={**VALUES, "number": f"A-{number}"})
    assert [n.body[3:6] for n in queries.notices_for(clerk, limit=2, offset=1)] == ["A-3", "A-2"]
    assert operations.mark_all_read(clerk) == 5
    assert operations.mark_all_read(clerk) == 0
    assert queries.notices_for(clerk, unread_only=True) == []
    assert queries.count_for(clerk) == 5


def test_nobody_is_told_twice_of_one_occasion(clerk, stranger):
    assert _notify(clerk, key="item:1:assigned") == 1
    assert _notify(clerk, stranger, key="item:1:assigned") == 1
    assert queries.count_for(clerk) == queries.count_for(stranger) == 1
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"template": "no_such_text"},
        {"values": {"number": "A-1"}},
        {"link": "https://elsewhere.test/"},
        {"link": "//elsewhere.test/"},
        {"link": "/\\elsewhere.test/"},
        {"link": "javascript:alert(1)"},
        {"key": "k" * 121},
    ],
)
def test_a_mistake_in_the_call_is_told_at_once(clerk, changes):
    with pytest.raises(UnknownText):
        _notify(clerk, **changes)


def test_a_notice_outside_a_transaction_is_refused(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.notify(SYSTEM, person_ids=[1], template="general", values={"title": "a", "text": "b"})


@pytest.mark.clause("D8")
def test_an_email_is_queued_for_those_with_an_address_and_sent_once(clerk, stranger):
    _notify(clerk, stranger)
    (job,) = ProcrastinateJob.objects.filter(task_name="notices:send_email")
    for _ in range(3):
        tasks.send_email(**job.args)
    (message,) = mail.outbox
    assert message.to == ["clerk@example.test"]
    assert message.subject == "有新的待办事项"
    assert "http://127.0.0.1:8000/cases/A-1/" in message.body
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)


def test_the_job_exists_only_if_the_act_was_committed(committed_database):
    with transaction.atomic():
        person = _person("clerk", "clerk@example.test")
    with transaction.atomic():
        _notify(person)
        transaction.set_rollback(True)
    assert ProcrastinateJob.objects.count() == 0
    with transaction.atomic():
        _notify(person)
    assert ProcrastinateJob.objects.count() == 1


def test_a_mail_server_that_refuses_is_asked_again_and_then_noted(clerk, settings):
    settings.EMAIL_BACKEND = "centres.technical.test_notices.RefusingBackend"
    _notify(clerk)
    delivery = Delivery.objects.get()
    for _ in range(operations.MOST_ATTEMPTS - 1):
        with pytest.raises(tasks.MailRefused):
            tasks.send_email(delivery.pk)
    tasks.send_email(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.FAILED, operations.MOST_ATTEMPTS)
    assert "busy" in delivery.reason
    tasks.send_email(delivery.pk)
    assert Delivery.objects.get().attempts == operations.MOST_ATTEMPTS


class RefusingBackend:
    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("busy")


@pytest.mark.parametrize("pattern", ["{a.__class__}", "{a[0]}", "{a!r}", "{a:>9999999}", "{0}", "{}"])
def test_a_text_reaches_plain_values_only(pattern):
    with pytest.raises(UnknownText):
        rules.fill(pattern, {"a": "x", "0": "x"}, 100)


def test_every_text_in_store_is_sound():
    for text in rules.texts().values():
        names = rules.placeholders(text.title) | rules.placeholders(text.body)
        assert rules.fill(text.title + text.body, dict.fromkeys(names, "值"), 2_000)
    assert list(rules.texts()) == sorted(rules.texts())


@given(st.text(max_size=3_000))
def test_any_value_becomes_one_short_line(value):
    filled = rules.fill("{a}", {"a": value}, rules.LONGEST_TITLE)
    assert len(filled) <= rules.LONGEST_TITLE
    assert len(filled.splitlines()) <= 1


@pytest.mark.django_db
def test_telling_many_takes_few_queries(django_assert_max_num_queries):
    people = [_person(f"person{n}") for n in range(10)]
    with django_assert_max_num_queries(5):
        _notify(*people)
    assert datetime.now(UTC) >= queries.notices_for(people[0])[0].created_at
