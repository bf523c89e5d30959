"""Sealing what earlier versions of the platform wrote plainly."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from finmart.kit.crypto.envelope import key_of, open_sealed, seal
from finmart.kit.crypto.fields import BlindIndex
from finmart.kit.crypto.resealing import Column, Row, replace_all


def seal_existing(label: str, *names: str) -> migrations.RunPython:
    """Return the migration step that seals existing rows, after their columns were altered, in batches.

    ``label`` is ``app.Model``; ``names`` are sealed fields and, behind them, their blind indexes. What is sealed
    stays, so the step may run twice. Backwards the texts are written plainly again.
    """
    return migrations.RunPython(
        lambda apps, _schema: _each(apps, label, names, _sealed_now),
        lambda apps, _schema: _each(apps, label, names[::-1], _plain_again),
    )


def _each(apps: Any, label: str, names: tuple[str, ...], alter: Callable[[Column, Row], str | None]) -> None:
    for name in names:
        column = Column.named(apps.get_model(label), name)
        replace_all(column, lambda row, column=column: alter(column, row))  # type: ignore[misc]  # bound for each


def _sealed_now(column: Column, row: Row) -> str | None:
    _, held, source, identity = row
    if isinstance(column.field, BlindIndex):
        return column.field.digest(open_sealed(source, column.source.place(*identity)))
    return None if key_of(held) else seal(held, column.source.place(*identity))


def _plain_again(column: Column, row: Row) -> str | None:
    _, held, _, identity = row
    if isinstance(column.field, BlindIndex):
        return ""
    return open_sealed(held, column.source.place(*identity)) if key_of(held) else None
