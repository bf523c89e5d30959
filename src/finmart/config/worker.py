"""One worker process: takes jobs from the database until it is told to stop.

Run as a module by ``finmart serve``, as a command by ``finmart work``.
"""

import argparse
import asyncio
import os
import time
from typing import Any
from weakref import WeakKeyDictionary

import django
import psycopg
from psycopg_pool import AsyncConnectionPool

from finmart.config import supervision

GRACE_SECONDS = 10.0
MOST_CONNECTIONS = 4  # of the queue itself: a default of ours
TRUSTED_SECONDS = 1.0  # a connection that answered this lately is not asked whether it lives: a default of ours


def work(concurrency: int, *, until_idle: bool = False) -> None:
    """Take jobs, ``concurrency`` at a time, until SIGINT or SIGTERM; what has begun may end within its grace.

    With ``until_idle`` the worker leaves as soon as no job waits.

    The worker's own connection pool serves only the queue, every statement of which stands alone. Tasks keep the
    application's procrastinate app and with it Django's connection, so that a job queued by a job is part of that
    job's transaction.
    """
    from django.conf import settings  # noqa: PLC0415 - after set-up
    from procrastinate import PsycopgConnector  # noqa: PLC0415
    from procrastinate.contrib.django import DjangoApp, app  # noqa: PLC0415
    from procrastinate.contrib.django.utils import connector_params  # noqa: PLC0415

    pool = PsycopgConnector(
        pool_factory=_pool,
        kwargs=connector_params(),
        configure=_commit_each_statement,
        min_size=1,
        max_size=MOST_CONNECTIONS,
    )
    queue = DjangoApp(connector=pool)
    queue.tasks = app.tasks
    queue.periodic_registry = app.periodic_registry

    async def run() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=concurrency,
                wait=not until_idle,
                delete_jobs="successful",
                shutdown_graceful_timeout=GRACE_SECONDS,
                update_heartbeat_interval=settings.FINMART_STALLED_SECONDS / 4,
                stalled_worker_timeout=settings.FINMART_STALLED_SECONDS,
            )

    asyncio.run(run())


def _pool(**words: Any) -> AsyncConnectionPool[psycopg.AsyncConnection]:
    """Return procrastinate's pool, which would else ask every connection whether it lives before every statement."""
    answered: WeakKeyDictionary[psycopg.AsyncConnection, float] = WeakKeyDictionary()

    async def check_after_rest(connection: psycopg.AsyncConnection) -> None:
        if time.monotonic() - answered.get(connection, -TRUSTED_SECONDS) >= TRUSTED_SECONDS:
            await AsyncConnectionPool.check_connection(connection)
        answered[connection] = time.monotonic()

    return AsyncConnectionPool(**(words | {"check": check_after_rest}))


async def _commit_each_statement(connection: psycopg.AsyncConnection) -> None:
    await connection.set_autocommit(True)  # else BEGIN and COMMIT are sent around every look for a job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--until-idle", action="store_true", help="leave as soon as no job waits")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    supervision.end_with_parent()
    django.setup(set_prefix=False)
    work(chosen.concurrency, until_idle=chosen.until_idle)


if __name__ == "__main__":
    from finmart.config import worker  # noqa: PLW0406 - jobs are named by where they live, which is not __main__

    worker.main()
