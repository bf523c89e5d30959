"""Complete loan cases through the operations beside ``pgbench -N -c 4 -j 2 -s 10`` on the same server.

Four worker processes play loans from the need to the settlement: every act is one transaction of one person, with its
audit rows, process events, notices and jobs; the contract is set as a PDF and signed twice, money moves through the
ledger and, over HTTP, a simulated bank core. One more process of ours takes the jobs, as on a platform; the time runs
until no case is open and no job waits. A step is what the log of the process has as one (a sign-off, a service task)
and each of the three acts around it (application, consent, repayment); what the bank core and the job worker do in
between counts as time only. The rows without a mark count otherwise: with the decision tables and the stating of the
need as steps too, and people's transactions alone.

The third row plays the same beside 100,000 finished cases and beside 1,000. They are copies of one played case
(``loan_cases.cloning``), all of one firm and one bank that also play. The rounds are run in turns; figures are
medians. A round is some twenty seconds on either side: with sixty cases a worker it shows how fast a platform goes that
has been up for a while, with twenty mostly how fast it gets warm. It waits until what was prepared is vacuumed; what
pgbench leaves to be written out and vacuumed is done before ours begins. What is played stays: by the fifth round both
databases have some 1,400 finished cases more.
``equal``: every case played is closed and archived with nothing owed, the trial balance holds, the audit chain is
whole, and every commit reached the disk.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg

from bench.loan_cases import cloning, playing, server
from bench.rows import Row
from finmart.config import database
from finmart.config.commands import simulate

WORKERS = 4
CASES_EACH = int(os.environ.get("FINMART_BENCH_CASES", "60"))
ROUNDS = int(os.environ.get("FINMART_BENCH_ROUNDS", "5"))
FEW, MANY = 1_000, int(os.environ.get("FINMART_BENCH_FINISHED", "100000"))
AT_LEAST = 0.03
AT_LEAST_BESIDE_MANY = 0.85
ACTS_OF_A_CASE = 14
ACTS_AROUND = 3  # application, consent and repayment are no steps of the process itself
_STEPS = "SELECT count(*) FROM processes_processevent WHERE act IN ('SIGNED', 'SERVICE_DONE')"
_DECISIONS = "SELECT count(*) FROM processes_processevent WHERE act = 'RULE_DECIDED'"
IDLE_WITHIN_SECONDS = 120.0


@dataclass(slots=True)
class Measured:
    """What the rounds told: pgbench's transactions per second and our steps per second on both databases."""

    pgbench: list[float] = field(default_factory=list)
    few: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)
    acts_of_a_step: float = 0.0
    counted_fully: float = 0.0  # steps with decision tables and needs, per step


def measure() -> list[Row]:
    """Return the rows beside pgbench and the row of many finished cases beside few."""
    few, many, pgbench = (f"finmart_bench_{part}_{os.getpid()}" for part in ("few", "many", "pgbench"))
    with ExitStack() as stack:
        stack.enter_context(server.running())
        stack.enter_context(server.dropped_afterwards(few, many, pgbench))
        stack.enter_context(_bank_core())
        _tell("preparing the databases")
        is_right = _prepare(few, many) and server.is_durable()
        server.make_pgbench(pgbench)
        told = Measured()
        for turn in range(1, ROUNDS + 1):
            server.await_vacuums()
            told.pgbench.append(server.pgbench_rate(pgbench))
            server.clear_up_after_pgbench(pgbench)
            for name, rates in ((few, told.few), (many, told.many)):
                rate, told.acts_of_a_step, told.counted_fully = _rate(name)
                rates.append(rate)
            _tell(f"round {turn}: pgbench {told.pgbench[-1]:.0f}, ours {told.few[-1]:.1f} and {told.many[-1]:.1f}")
        is_right = is_right and _is_right(few) and _is_right(many)
    ours, ours_beside_many, peer = (statistics.median(rates) for rates in (told.few, told.many, told.pgbench))
    return [
        Row.of_rates(
            f"steps of complete loan cases, {WORKERS} workers, beside pgbench -N -c 4 -j 2 -s 10 (per s)",
            ours,
            peer,
            at_least=AT_LEAST,
            equal=is_right,
        ),
        Row.of_rates(
            "the same with decision tables and needs counted as steps (per s)",
            ours * told.counted_fully,
            peer,
            at_least=None,
            equal=is_right,
        ),
        Row.of_rates(
            "the same in transactions of people alone (per s)",
            ours * told.acts_of_a_step,
            peer,
            at_least=None,
            equal=is_right,
        ),
        Row.of_rates(
            f"the same with {MANY:,} finished cases beside {FEW:,} (steps per s)",
            ours_beside_many,
            ours,
            at_least=AT_LEAST_BESIDE_MANY,
            equal=is_right,
        ),
    ]


@contextmanager
def _bank_core() -> Iterator[None]:
    """Have a bank core beside with books of its own, not those of the platform that lives in this home."""
    home = os.environ.get("FINMART_HOME")
    os.environ["FINMART_BANK_CORE_SECRET"] = "bench"  # noqa: S105 - between this run and its simulator
    with ExitStack() as stack:
        os.environ["FINMART_HOME"] = stack.enter_context(tempfile.TemporaryDirectory())
        try:
            stack.enter_context(simulate.bank_core_beside())
        finally:
            os.environ.pop("FINMART_HOME")
            if home is not None:
                os.environ["FINMART_HOME"] = home
        yield


def _prepare(few: str, many: str) -> bool:
    """Make the database with few finished cases and the one with many; returns whether the copies are closed."""
    os.environ["FINMART_DATABASE_NAME"] = few
    database.prepare(few)
    playing.set_up()
    from django.db import connections  # noqa: PLC0415 - after set-up

    from bench.loan_cases import city  # noqa: PLC0415

    city.build()
    _play_one()  # what firm and bank share (accounts, signing authority) is made by their first case, not cloned
    with server.owner_session(few) as session:
        before = cloning.marks(session)
        _play_one()
        after = cloning.marks(session)
        rows = cloning.clone(session, before, after, 1, FEW - 2)
    connections.close_all()
    server.copy(few, many)
    started = time.perf_counter()
    with server.owner_session(many) as session:
        cloning.clone(session, before, after, FEW - 1, MANY - FEW)
        closed = _count(session, "SELECT count(*) FROM cases_case WHERE state = 'ARCHIVED'")
    _tell(f"{closed:,} finished cases of {rows} rows each, cloned in {time.perf_counter() - started:.0f} s")
    return closed == MANY


def _play_one() -> None:
    """Play one case in this process, and the jobs it needs in a worker's."""
    from bench.loan_cases import city  # noqa: PLC0415 - after set-up

    with _job_worker():
        case = playing.Case(story := city.story(bank=0, firm=0), story.steps())
        while True:
            if not case.is_ready():
                time.sleep(playing.POLL_SECONDS)
            elif not case.advance():
                break
        with server.owner_session(os.environ["FINMART_DATABASE_NAME"]) as session:
            _await_idle(session)


def _rate(name: str) -> tuple[float, float, float]:
    """Return the steps per second of all workers together, from the word go until the latest job is done, how many
    acts of people stand behind one step, and how many steps it is with decision tables and needs counted.
    """
    os.environ["FINMART_DATABASE_NAME"] = name
    with ExitStack() as stack:
        stack.enter_context(_job_worker())
        session = stack.enter_context(server.owner_session(name))
        words = [sys.executable, "-m", "bench.loan_cases.playing"]
        players = [
            stack.enter_context(
                subprocess.Popen(
                    [*words, str(place), str(CASES_EACH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for place in range(WORKERS)
        ]
        if [_line(player) for player in players] != ["ready"] * WORKERS:
            raise RuntimeError("a worker of the bench did not start")
        _await_idle(session)
        before, decided_before = _count(session, _STEPS), _count(session, _DECISIONS)
        started = time.perf_counter()
        for player in players:
            _go(player)
        acts = sum(int(_line(player) or 0) for player in players)
        _await_idle(session)
        seconds = time.perf_counter() - started
        steps = _count(session, _STEPS) - before + WORKERS * CASES_EACH * ACTS_AROUND
        decisions = _count(session, _DECISIONS) - decided_before
    if acts != WORKERS * CASES_EACH * ACTS_OF_A_CASE:
        raise RuntimeError(f"{acts} acts were done where {WORKERS * CASES_EACH * ACTS_OF_A_CASE} were due")
    return steps / seconds, acts / steps, (steps + decisions + WORKERS * CASES_EACH) / steps


@contextmanager
def _job_worker() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", "finmart.config.worker", "--concurrency", "2"]) as worker:
        try:
            yield
        finally:
            worker.terminate()


def _line(player: "subprocess.Popen[str]") -> str:
    return player.stdout.readline().strip() if player.stdout else ""


def _go(player: "subprocess.Popen[str]") -> None:
    if player.stdin:
        player.stdin.write("go\n")
        player.stdin.flush()


def _await_idle(session: psycopg.Connection) -> None:
    """Wait until every case is archived and no job that is due waits."""
    ends = time.monotonic() + IDLE_WITHIN_SECONDS
    open_cases = "SELECT count(*) FROM cases_case WHERE state <> 'ARCHIVED'"
    due = (
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' "
        "OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
    )
    while _count(session, due) or _count(session, open_cases):
        if time.monotonic() > ends:
            raise RuntimeError("cases or jobs are left that nobody ends")
        time.sleep(playing.POLL_SECONDS)


def _is_right(name: str) -> bool:
    """Did everything that was played come out right?"""
    from django.conf import settings  # noqa: PLC0415 - after set-up
    from django.db import connections  # noqa: PLC0415

    from finmart.centres.business.funds import queries as funds_queries  # noqa: PLC0415
    from finmart.centres.technical.audit import queries as audit_queries  # noqa: PLC0415

    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
    is_whole = audit_queries.verify().ok and funds_queries.trial_balance().ok
    connections.close_all()
    with server.owner_session(name) as session:
        not_closed = _count(session, "SELECT count(*) FROM applications_application WHERE state <> 'CLOSED'")
        owed = _count(session, "SELECT count(*) FROM servicing_loanaccount WHERE principal_paid_fen <> principal_fen")
    return is_whole and not_closed == 0 and owed == 0


def _count(session: psycopg.Connection, query: str) -> int:
    (found,) = session.execute(query).fetchone() or (0,)
    return int(found)


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
