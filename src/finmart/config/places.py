"""Where state lives: ``$FINMART_HOME`` for files, one PostgreSQL database for everything else."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from finmart.integrations.postgres.cluster import Cluster

CHECKOUT = Path(__file__).resolve().parents[3]
APPLICATION_ROLE = "finmart_app"
OWNER_ROLE = "finmart_owner"


def home() -> Path:
    """Return ``$FINMART_HOME``, by default ``var`` in the checkout."""
    return Path(os.environ.get("FINMART_HOME") or CHECKOUT / "var").absolute()


def keys_file() -> Path:
    """Return where the keys of sealed fields are: outside the database, and of its backups."""
    return Path(os.environ.get("FINMART_KEYS_FILE") or home() / "keys" / "keys.json").absolute()


def field_cipher() -> str:
    """Return the cipher of field keys made from now on: SM4-GCM or AES-256-GCM."""
    return os.environ.get("FINMART_FIELD_CIPHER") or "SM4-GCM"


def embedded() -> Cluster | None:
    """Return the embedded cluster, or None where ``$FINMART_DATABASE_URL`` names a server."""
    return None if os.environ.get("FINMART_DATABASE_URL") else Cluster(home())


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A PostgreSQL address taken apart as Django wants it."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str]

    @classmethod
    def parse(cls, url: str) -> "DatabaseAddress":
        parts = urlsplit(url)
        if parts.scheme not in {"postgresql", "postgres"}:
            raise ValueError("FINMART_DATABASE_URL 必须以 postgresql:// 开头")
        options = dict(parse_qsl(parts.query))
        host = options.pop("host", "") or unquote(parts.hostname or "")
        return cls(
            name=parts.path.lstrip("/"),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=host,
            port=str(parts.port or ""),
            options=options,
        )


def database_name() -> str:
    """Return the database this process works on; tests and tours set ``$FINMART_DATABASE_NAME``."""
    url = os.environ.get("FINMART_DATABASE_URL")
    chosen = os.environ.get("FINMART_DATABASE_NAME")
    return chosen or (DatabaseAddress.parse(url).name if url else "finmart")


def database_url(*, owner: bool = False) -> str:
    """Return the address of the application's role, or of the one that owns the tables (migrations only)."""
    cluster = embedded()
    if cluster:
        return cluster.url(OWNER_ROLE if owner else APPLICATION_ROLE, database_name())
    url = os.environ["FINMART_DATABASE_URL"]
    return (os.environ.get("FINMART_DATABASE_OWNER_URL") or url) if owner else url
