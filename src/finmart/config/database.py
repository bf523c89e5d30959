"""Bringing a database to the state this version needs: roles, then tables and grants."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable

import psycopg
from psycopg import sql

from finmart.config import places
from finmart.integrations.postgres.cluster import SUPERUSER, Cluster
from finmart.kit import clock
from finmart.kit.crypto import keyring


class PreparationFailure(RuntimeError):
    """The database could not be brought to this version; the message is one sentence for the terminal."""


def create_embedded(cluster: Cluster, name: str) -> None:
    """Create the two roles and the database ``name`` in the embedded cluster, where they do not exist yet."""
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as session:
        for role, options in ((places.OWNER_ROLE, "CREATEDB"), (places.APPLICATION_ROLE, "")):
            exists = session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            if not exists:
                session.execute(sql.SQL("CREATE ROLE {} LOGIN " + options).format(sql.Identifier(role)))
        if not session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            session.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(places.OWNER_ROLE))
            )


def create(name: str | None = None) -> None:
    """Create the database of the embedded cluster; a server's database is made by its administrator."""
    cluster = places.embedded()
    if cluster:
        create_embedded(cluster, name or places.database_name())


def drop(name: str) -> None:
    """Drop a database that is made anew each time, with whoever is still on it; on a server, make it anew as well."""
    cluster = places.embedded()
    owner = os.environ.get("FINMART_DATABASE_OWNER_URL") or os.environ.get("FINMART_DATABASE_URL", "")
    address = cluster.url(SUPERUSER, "postgres") if cluster else owner
    with psycopg.connect(address, autocommit=True, dbname="postgres") as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        if not cluster:
            session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def prepare(name: str | None = None, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Create (embedded), migrate and grant the database in a process of its own that signs in as the owner.

    ``meanwhile`` is done beside it and must not ask the database.
    """
    chosen = name or places.database_name()
    create(chosen)
    make_secret()
    make_keys(chosen)
    environment = {**os.environ, "FINMART_DATABASE_ROLE": "owner", "FINMART_DATABASE_NAME": chosen}
    migration = [sys.executable, "-m", "finmart.config.migration"]
    with subprocess.Popen(migration, env=environment, stderr=subprocess.PIPE, text=True, errors="replace") as running:
        meanwhile()
        told = running.communicate()[1]
    if running.returncode:
        failure = PreparationFailure(f"数据库未能升级到当前版本：{_reason(told)}")
        failure.add_note(told)
        raise failure
    sys.stderr.write(told)


def make_keys(name: str) -> None:
    """Make the keys of sealed fields at the first start. Raises PreparationFailure where this database knows others."""
    file = places.keys_file()
    try:
        if file.exists():
            keyring.read(file)
            return
        known = _known_keys(name)
        if known:
            raise PreparationFailure(
                f"没有密钥文件 {file}，而数据库中的数据由密钥 {'、'.join(known)} 加密："
                "请从备份恢复密钥文件，或用 FINMART_KEYS_FILE 指明位置"
            )
        keyring.make(file, clock.now(), algorithm=places.field_cipher())
    except keyring.KeysUnavailable as error:
        raise PreparationFailure(str(error)) from error
    except ValueError as error:
        raise PreparationFailure(f"FINMART_FIELD_CIPHER 只能是 {' 或 '.join(keyring.Cipher)}") from error


def _known_keys(name: str) -> list[str]:
    with psycopg.connect(places.database_url(owner=True), autocommit=True, dbname=name) as session:
        if not session.execute("SELECT to_regclass('keys_knownkey') IS NOT NULL").fetchone()[0]:  # type: ignore[index]
            return []
        return [row[0] for row in session.execute("SELECT key_id FROM keys_knownkey WHERE retired_at IS NULL")]


def make_secret() -> None:
    """Make the key that signs sessions, once and whole: a run that is killed here leaves none rather than half."""
    secret = places.home() / "secret.key"
    if secret.exists():
        return
    secret.parent.mkdir(parents=True, exist_ok=True)
    draft = secret.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, secret)
    except FileExistsError:
        pass  # somebody else was faster; both use theirs
    finally:
        draft.unlink()


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [
        line for line in lines if re.match(r"[\w.]+(Error|Failure|Exception|Full|Denied|NotFound|Refusal)\b", line)
    ]
    return (telling or lines or ["没有输出"])[-1][:300]
