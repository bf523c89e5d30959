"""Ties the events of the centres to the reactions of the rooms above them, once everything is loaded."""

import gc
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

PREPARED_STATEMENTS = 400  # one loan case asks some 250 different ones; psycopg keeps 100
COLLECT_AFTER = 20_000  # objects, where Python has 700: nearly all that an act makes is gone without the collector


class Wiring(AppConfig):
    name = "finmart.config"
    label = "config"

    def ready(self) -> None:
        from finmart.config import wiring  # noqa: PLC0415 - the rooms above need loaded models

        wiring.connect()
        connection_created.connect(_keep_prepared)
        _spare_the_collector()


def _spare_the_collector() -> None:
    """Measured on a loan case: 10 ms of its 145 went into looking for rings of garbage, 2 ms do with this."""
    gc.freeze()  # what is loaded stays for good and need not be looked through again and again
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])


def _keep_prepared(connection: Any, **_: Any) -> None:
    connection.connection.prepared_max = PREPARED_STATEMENTS
