"""A database of its own for every test worker, cloned from one migrated template; no network; a settable clock."""

import fcntl
import hashlib
import os
import socket
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from finmart.config import database, places
from finmart.integrations.postgres.cluster import SUPERUSER
from finmart.kit import clock

hypothesis_settings.register_profile("house", deadline=None)  # no test is timed: a busy machine is no fault
hypothesis_settings.load_profile("house")

pytest_plugins = ["clause_results", "simulators"]
SOURCES = Path(places.CHECKOUT) / "src/finmart"


def _template_name() -> str:
    summed = hashlib.sha256(Path(__file__).read_bytes())
    patterns = ("migrations/*.py", "models.py", "packs/**/*", "journeys/*/*/*.bpmn", "journeys/*/*/*.dmn")
    for file in sorted(found for pattern in patterns for found in SOURCES.rglob(pattern)):
        if file.is_file():
            summed.update(file.read_bytes())
    return f"finmart_template_{summed.hexdigest()[:12]}"


def _owner_session(name: str = "postgres") -> psycopg.Connection:
    cluster = places.embedded()
    if cluster:
        return psycopg.connect(cluster.url(SUPERUSER, name), autocommit=True)
    address = os.environ.get("FINMART_DATABASE_OWNER_URL") or os.environ["FINMART_DATABASE_URL"]
    return psycopg.connect(address, dbname=name, autocommit=True)


def _keep_vacuum_out(name: str) -> None:
    """Tests load a million rows and roll them back: a vacuum beside the next such test would find its table empty."""
    with _owner_session(name) as session:
        for table in ("sources_invoice", "profiles_fact", "profiles_monthsummary", "profiles_partnersummary"):
            session.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)").format(sql.Identifier(table)))


def _clone(template: str, name: str) -> None:
    with _owner_session() as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        session.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(places.OWNER_ROLE)
            )
        )


def pytest_configure():
    """Give the tests keys of their own, kept with the template databases they sealed.

    The processes a test starts inherit the variable; here the settings may have been read before it was set.
    """
    from django.conf import settings

    from finmart.kit.crypto import keyring

    os.environ.setdefault("FINMART_KEYS_FILE", str(places.home() / "test-keys.json"))
    settings.FINMART_KEYS_FILE = os.environ["FINMART_KEYS_FILE"]
    places.home().mkdir(parents=True, exist_ok=True)
    keyring.make(places.keys_file(), clock.now(), algorithm=places.field_cipher())


@pytest.fixture(scope="session")
def database_template(tmp_path_factory):
    """Migrate one template database for all workers of this and later runs with the same migrations."""
    cluster = places.embedded()
    lock = cluster.join() if cluster else None
    name = _template_name()
    (places.home() / "static").mkdir(parents=True, exist_ok=True)  # served by WhiteNoise, which warns without it
    with (places.home() / "template.lock").open("a") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        with _owner_session() as session:
            ready = session.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name]).fetchone()
        if not ready:
            database.prepare(name)
            _keep_vacuum_out(name)
            with _owner_session() as session:
                session.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(name)))
    yield name
    if cluster and lock:
        from django.db import connections

        connections.close_all()
        cluster.leave(lock)


@pytest.fixture(scope="session")
def django_db_setup(database_template, django_db_blocker):
    """Replace pytest-django's: the tests sign in as the application's role, which may not create databases."""
    from django.conf import settings
    from django.db import connections

    name = f"finmart_test_{os.getpid()}"
    _clone(database_template, name)
    for alias in ("default",):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    os.environ["FINMART_DATABASE_NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    with _owner_session() as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def committed_database(django_db_setup, django_db_blocker, database_template):
    """A database in which commits are real (workers, threads, live servers); made anew after the test."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
    _clone(database_template, os.environ["FINMART_DATABASE_NAME"])


@pytest.fixture(scope="module")
def module_database(django_db_setup, django_db_blocker, database_template):
    """As ``committed_database``, once for all tests of a module: for a world that is dear to build and only read."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
    _clone(database_template, os.environ["FINMART_DATABASE_NAME"])


@pytest.fixture
def owner_database(django_db_setup):
    """A session as superuser on the test database, to do what the application may not (tampering)."""
    with _owner_session(os.environ["FINMART_DATABASE_NAME"]) as session:
        yield session


@pytest.fixture(scope="module")
def module_owner_database(module_database):
    """As ``owner_database``, for what is prepared once for all tests of a module."""
    with _owner_session(os.environ["FINMART_DATABASE_NAME"]) as session:
        yield session


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Close the network: only loopback and local sockets answer."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"a test reached for the network: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def shared_folder() -> Path:
    """The folder of real data beside the checkout, or a skip that says so."""
    folder = Path(os.environ.get("FINMART_SHARED") or places.CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set FINMART_SHARED to the folder that holds sme-2020")
    return folder
