"""What most commands need around them: a running database and a loaded application."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import django
import psycopg

from finmart.config import places
from finmart.integrations.postgres.cluster import ClusterFailure


@contextmanager
def platform(*, prepare: bool = True) -> Iterator[None]:
    """Have the database up and, where asked, brought to this version, for the length of a block."""
    from finmart.config import database  # noqa: PLC0415 - settings are read on import

    cluster = places.embedded()
    try:
        lock = cluster.join() if cluster else None
    except ClusterFailure as error:
        raise click.ClickException(str(error)) from error
    try:
        with told_in_one_sentence():
            if prepare:
                database.prepare(meanwhile=django.setup)
            else:
                database.create()
        django.setup()
        yield
    finally:
        if cluster and lock:
            from django.db import connections  # noqa: PLC0415

            connections.close_all()
            cluster.leave(lock)


@contextmanager
def told_in_one_sentence() -> Iterator[None]:
    """Turn what may go wrong while the platform is brought up into one sentence for the terminal."""
    from finmart.config.database import PreparationFailure  # noqa: PLC0415 - settings are read on import

    try:
        yield
    except PreparationFailure as error:
        raise click.ClickException(str(error)) from error
    except psycopg.Error as error:
        raise click.ClickException(f"无法使用数据库：{str(error).strip().splitlines()[-1]}") from error
    except OSError as error:
        raise click.ClickException(f"无法使用 {error.filename or places.home()}：{error.strerror}") from error


def print_json(answer: Any) -> None:
    """Print one JSON value alone on standard output."""
    json.dump(answer, sys.stdout, ensure_ascii=False, default=str)
    sys.stdout.write("\n")
