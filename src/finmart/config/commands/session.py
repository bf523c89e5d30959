"""What most commands need around them: a running database and a loaded application."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import django

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
        if prepare:
            database.prepare()
        else:
            database.create()
        django.setup()
        yield
    finally:
        if cluster and lock:
            from django.db import connections  # noqa: PLC0415

            connections.close_all()
            cluster.leave(lock)


def print_json(answer: Any) -> None:
    """Print one JSON value alone on standard output."""
    json.dump(answer, sys.stdout, ensure_ascii=False, default=str)
    sys.stdout.write("\n")
