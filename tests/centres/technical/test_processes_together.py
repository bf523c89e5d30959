"""Several people at the same moment, with real commits."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from factories.process_models import Block
from factories.processes import SYSTEM, Bank
from finmart.centres.technical.processes import operations
from finmart.kit.errors import Conflict
from finmart.kit.transactions import OutsideTransaction

pytestmark = pytest.mark.clause("A6")


def step(name, sign_off="SINGLE"):
    return Block("step", name, sign_off=sign_off)


def seq(*parts):
    return Block("seq", "q", list(parts))


def fork():
    branches = [seq(step("a1"), step("a2")), seq(step("b1"), step("b2"))]
    return seq(step("before"), Block("par", "p", branches), step("after"))


def test_nothing_is_written_outside_a_transaction(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.claim(SYSTEM, uuid4())


def _race(*acts):
    """Run acts at the same moment in threads of their own; return what each came to."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            barrier.wait()
            with transaction.atomic():
                act()
            results[place] = "done"
        except Conflict:
            results[place] = "conflict"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_two_people_on_one_item(committed_database):
    with transaction.atomic():
        bank = Bank(seq(step("before"), step("mid")))
        item = bank.at("before")
    results = _race(*(lambda p=p: operations.complete(p, item, "APPROVE") for p in bank.people))
    assert results == ["conflict", "conflict", "done"]
    assert bank.open == ["mid"]


def test_two_branches_meet_at_the_join_at_once(committed_database):
    with transaction.atomic():
        bank = Bank(fork())
        bank.do("before", "a1", "b1")
        first, second = bank.at("a2"), bank.at("b2")
    results = _race(
        lambda: operations.complete(bank.people[0], first, "APPROVE"),
        lambda: operations.complete(bank.people[1], second, "APPROVE"),
    )
    assert results == ["done", "done"]
    assert bank.open == ["after"]


def test_a_return_and_a_completion_at_once(committed_database):
    with transaction.atomic():
        bank = Bank(fork())
        bank.do("before", "a1", "b1")
        first, second = bank.at("a2"), bank.at("b2")
    results = _race(
        lambda: operations.return_to(bank.people[0], first, "before", opinion="x"),
        lambda: operations.complete(bank.people[1], second, "APPROVE"),
    )
    assert "done" in results
    assert bank.open == ["before"]


def test_who_waits_for_the_lock_sees_what_was_signed_meanwhile(committed_database):
    with transaction.atomic():
        bank = Bank(seq(step("before", "ALL"), step("after")), size=2, variables={"signers": 2})
        item = bank.at("before")
    results = []
    waiting = threading.Thread(target=lambda: results.extend(_race(lambda: _sign(bank, 1, item))))
    with transaction.atomic():
        _sign(bank, 0, item)
        waiting.start()
        _await_waiting(waiting)
    waiting.join()
    assert results == ["done"]
    assert bank.open == ["after"]


def _sign(bank, place, item):
    operations.complete(bank.people[place], item, "APPROVE")


def _await_waiting(thread):
    """Wait until a session waits for a lock of ours (at most ten seconds)."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0] or not thread.is_alive():
                return
            time.sleep(0.01)
