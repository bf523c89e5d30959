"""Ties the events of the centres to the reactions of the rooms above them, once everything is loaded."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

PREPARED_STATEMENTS = 400  # one loan case asks some 250 different ones; psycopg keeps 100


class Wiring(AppConfig):
    name = "finmart.config"
    label = "config"

    def ready(self) -> None:
        from finmart.config import wiring  # noqa: PLC0415 - the rooms above need loaded models

        wiring.connect()
        connection_created.connect(_keep_prepared)


def _keep_prepared(connection: Any, **_: Any) -> None:
    connection.connection.prepared_max = PREPARED_STATEMENTS
