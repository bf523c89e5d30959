"""Writing the trail, in the transaction of the act it tells of."""

import threading
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.types.json import Jsonb

from finmart.centres.technical.audit.rules import canonical, chain_hash
from finmart.centres.technical.audit.types import AuditAct, Outcome
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor

SHARDS = 64
# Any chain nobody holds will do, one of the session's own by preference: a writer that waited for a chain while it
# holds other rows could wait for somebody who waits for it.
_FREE_HEAD = """
SELECT shard, position, chain_hash FROM audit_shardhead
ORDER BY shard <> pg_backend_pid() %% %s, shard LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_ANY_HEAD = "SELECT shard, position, chain_hash FROM audit_shardhead WHERE shard = pg_backend_pid() %% %s FOR UPDATE"
# Head and entry in one round trip, and nothing where the chain has grown since or is held by another.
_APPEND = """
WITH head AS (
  SELECT shard FROM audit_shardhead
  WHERE shard = %(shard)s AND position = %(position)s - 1 AND chain_hash = %(previous)s FOR UPDATE SKIP LOCKED
), moved AS (
  UPDATE audit_shardhead SET position = %(position)s, chain_hash = %(hash)s FROM head
  WHERE audit_shardhead.shard = head.shard
)
INSERT INTO audit_entry (shard, position, recorded_at, tag, outcome, subject, person_id, organisation_id,
                         actor_label, trace_id, content, previous_hash, chain_hash)
SELECT head.shard, %(position)s, %(recorded_at)s, %(tag)s, %(outcome)s, %(subject)s, %(person_id)s::bigint,
       %(organisation_id)s::bigint, %(actor_label)s, %(trace_id)s, %(content)s, %(previous)s, %(hash)s
FROM head
"""
Head = tuple[int, int, bytes]
_known = threading.local()  # the head this thread left behind: good until somebody else adds to that chain


def record(actor: Actor, tag: str, subject: str = "", **content: Any) -> None:
    """Append one row: ``actor`` did ``tag`` (``centre:subject:action``) to ``subject`` (``kind:uuid or number``).

    ``content`` holds JSON values: what changed, before and after, never more personal data than the act needs.
    Clause F4. Raises OutsideTransaction where no transaction is open.
    """
    _append(actor, tag, Outcome.DONE, subject, content)


def record_denial(actor: Actor, *, path: str, reason: str) -> None:
    """Append a row for an attempt that was refused; called by the edge in a transaction of its own."""
    _append(actor, AuditAct.ATTEMPT_DENY, Outcome.DENIED, f"path:{path[:100]}", {"reason": reason})


def _append(actor: Actor, tag: str, outcome: Outcome, subject: str, content: dict[str, Any]) -> None:
    transactions.require()
    row: dict[str, Any] = {
        "recorded_at": clock.now(),
        "tag": str(tag),
        "outcome": str(outcome),
        "subject": subject,
        "person_id": actor.person_id,
        "organisation_id": actor.organisation_id,
        "actor_label": actor.label,
        "trace_id": actor.trace_id,
        "content": content,
    }
    with connection.cursor() as cursor:
        known: Head | None = getattr(_known, "head", None)
        if known is None or not _write(cursor, known, row):
            _write(cursor, _lock_head(cursor), row)


def _write(cursor: CursorWrapper, head: Head, row: dict[str, Any]) -> bool:
    """Append a row behind ``head`` and remember it as the new one; False where it is not the head, or not free."""
    shard, position, previous = head
    placed = {**row, "shard": shard, "position": position + 1}
    sealed = chain_hash(previous, canonical(placed))
    values: Any = {**placed, "content": Jsonb(row["content"]), "previous": previous, "hash": sealed}
    cursor.execute(_APPEND, values)
    is_written: bool = cursor.rowcount == 1
    _known.head = (shard, position + 1, sealed) if is_written else None
    return is_written


def _lock_head(cursor: CursorWrapper) -> Head:
    cursor.execute(_FREE_HEAD, [SHARDS])
    head = cursor.fetchone()
    if head is None:  # more transactions at once than chains
        cursor.execute(_ANY_HEAD, [SHARDS])
        head = cursor.fetchone()
    shard, position, previous = head
    return shard, position, bytes(previous)
