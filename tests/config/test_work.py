"""Workers that are killed: what they had begun is done by the next one, and every effect happens once."""

import json
import os
import signal
import subprocess
import sys
import time
from email import message_from_bytes

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.notices import operations
from finmart.centres.technical.notices.models import Delivery, Notice
from finmart.centres.technical.notices.types import DeliveryState, NoticesAct
from finmart.centres.technical.parties import operations as parties_operations
from finmart.config import tasks
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("test")
PEOPLE = 8
BLOCKED = 4  # the delivery in whose middle the worker is killed


@pytest.fixture
def worker(tmp_path):
    """Return a function that starts a worker on the test database; all are killed at the end."""
    started = []

    def start(*words):
        environment = {**os.environ, "FINMART_STALLED_SECONDS": "2", "FINMART_MAIL_FOLDER": str(tmp_path / "mail")}
        module = [sys.executable, "-m", "finmart.config.worker", "--concurrency", "1", *words]
        with (tmp_path / "log").open("a") as log:
            started.append(subprocess.Popen(module, env=environment, stderr=log))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait(timeout=10)


def _until(true, seconds=40):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _tell():
    with transaction.atomic():
        people = [
            parties_operations.register_person(
                SYSTEM, username=f"person{n}", full_name="某人", password=None, email=f"p{n}@example.test"
            ).id
            for n in range(PEOPLE)
        ]
        operations.notify(SYSTEM, person_ids=people, template="general", values={"title": "通知", "text": "内容"})


def _jobs(**wanted):
    return ProcrastinateJob.objects.filter(task_name="notices:send_email", **wanted).count()


@pytest.mark.clause("F6")
def test_a_killed_worker_leaves_no_job_undone_and_none_done_twice(committed_database, worker, tmp_path):
    _tell()
    blocked = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))[BLOCKED]
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=blocked)  # the worker stops here, in the middle of its step
        killed = worker()
        _until(lambda: Delivery.objects.filter(state=DeliveryState.SENT).count() == BLOCKED and _jobs(status="doing"))
        killed.send_signal(signal.SIGKILL)
        killed.wait(timeout=10)
    assert _jobs(status="doing") == 1
    successor = worker()
    _until(lambda: Delivery.objects.filter(state=DeliveryState.SENT).count() == PEOPLE)
    _until(lambda: _jobs() == 0)
    successor.terminate()
    assert successor.wait(timeout=15) == 0
    sent = Entry.objects.filter(tag=NoticesAct.DELIVERY_SEND).values_list("subject", flat=True)
    assert sorted(sent) == sorted(f"notice:{uuid}" for uuid in Notice.objects.values_list("uuid", flat=True))
    mails = [message_from_bytes(part) for file in (tmp_path / "mail").iterdir()
             for part in file.read_bytes().split(b"-" * 79) if part.strip()]  # fmt: skip
    assert len(mails) == len({one["Message-ID"] for one in mails}) == PEOPLE


def test_a_job_that_kills_its_workers_is_given_up(committed_database):
    app.configure_task("notices:send_email").defer(delivery_id=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", [tasks.MOST_ATTEMPTS])
    assert tasks.reap(0) == 1
    assert ProcrastinateJob.objects.get().status == "failed"


def test_jobs_of_living_workers_are_left_alone(committed_database):
    app.configure_task("notices:send_email").defer(delivery_id=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (living,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [living])
    assert tasks.reap(0) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert tasks.reap(0) == 1
    job = ProcrastinateJob.objects.get()
    assert (job.status, job.attempts) == ("todo", 1)


def test_a_worker_tells_its_failures_as_json(committed_database, worker, tmp_path):
    app.configure_task("nobody:knows").defer()
    started = worker()
    _until(lambda: ProcrastinateJob.objects.filter(task_name="nobody:knows", status="failed").exists())
    started.terminate()
    assert started.wait(timeout=15) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert any(line["level"] == "ERROR" and "nobody:knows" in line["message"] for line in lines)
