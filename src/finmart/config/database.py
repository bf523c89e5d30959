"""Bringing a database to the state this version needs: roles, then tables and grants."""

import os
import secrets
import subprocess
import sys

import psycopg
from psycopg import sql

from finmart.config import places
from finmart.integrations.postgres.cluster import SUPERUSER, Cluster


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


def prepare(name: str | None = None) -> None:
    """Create (embedded), migrate and grant the database in a process of its own that signs in as the owner."""
    chosen = name or places.database_name()
    create(chosen)
    secret = places.home() / "secret.key"
    if not secret.exists():
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    environment = {**os.environ, "FINMART_DATABASE_ROLE": "owner", "FINMART_DATABASE_NAME": chosen}
    subprocess.run([sys.executable, "-m", "finmart.config.migration"], env=environment, check=True)
