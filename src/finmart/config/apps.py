"""Ties the events of the centres to the reactions of the rooms above them, once everything is loaded."""

from django.apps import AppConfig


class Wiring(AppConfig):
    name = "finmart.config"
    label = "config"

    def ready(self) -> None:
        from finmart.config import wiring  # noqa: PLC0415 - the rooms above need loaded models

        wiring.connect()
