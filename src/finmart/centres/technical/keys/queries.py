"""The keys of the file, and what they have made."""

from collections import Counter

from django.db import connection

from finmart.centres.technical.keys import policies
from finmart.centres.technical.keys.models import Rotation
from finmart.centres.technical.keys.types import ColumnRow, KeyRow
from finmart.kit.actor import Actor
from finmart.kit.crypto import Purpose, ring
from finmart.kit.crypto.keyring import LOOK_AGAIN_SECONDS, Key
from finmart.kit.crypto.resealing import columns, counts, lasting
from finmart.kit.errors import AccessDenied

MARGIN_SECONDS = 5  # clocks of machines differ
_OLDER = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < %s + make_interval(secs => %s)
"""


def keys_for(actor: Actor) -> list[KeyRow]:
    """Return all keys with how many values each has made, the current of each purpose first. Raises AccessDenied.

    Reads every sealed column once. Pseudonyms are not counted: they are made anew with their key.
    """
    require(actor)
    made: Counter[str] = Counter()
    for purpose in (Purpose.FIELDS, Purpose.INDEX):
        for column in (*columns(purpose), *lasting(purpose)):
            made.update(counts(column))
    return [
        KeyRow(
            one.id, one.purpose, Purpose(one.purpose).label, str(one.algorithm), one.made_at, one.is_current,
            made[one.id],
        )
        for purpose in Purpose
        for one in ring().of(purpose)
    ]  # fmt: skip


def columns_for(actor: Actor) -> list[ColumnRow]:
    """Return every sealed column and blind index with how far it has come. Raises AccessDenied."""
    require(actor)
    found = []
    for purpose in (Purpose.FIELDS, Purpose.INDEX):
        current = ring().current(purpose).id
        for column in columns(purpose):
            made = counts(column)
            total = sum(made.values())
            found.append(ColumnRow(str(column), purpose, total, total - made.get(current, 0)))
    return found


def values_of(key: Key) -> dict[str, int]:
    """Return column → values made by a key, for those that have any."""
    found = {str(column): counts(column).get(key.id, 0) for column in (*columns(key.purpose), *lasting(key.purpose))}
    return {name: rows for name, rows in found.items() if rows}


def transactions_from_before(key: Key) -> int:
    """Return how many transactions are open that may still write with a key that is no longer current."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDER, [key.read_since or key.made_at, LOOK_AGAIN_SECONDS + MARGIN_SECONDS])
        return int(cursor.fetchone()[0])


def is_rotating() -> bool:
    """Is something still sealed by an earlier key?"""
    return Rotation.objects.filter(ended_at=None).exists()


def require(actor: Actor) -> None:
    if not policies.can_handle_keys(actor):
        raise AccessDenied("密钥只能由系统管理员用命令管理")
