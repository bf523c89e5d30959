"""Writing the trail, in the transaction of the act it tells of."""

import threading
from typing import Any

from finmart.centres.technical.audit.rules import canonical, chain_hash
from finmart.centres.technical.audit.types import AuditAct, Outcome
from finmart.kit import clock, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.arrays import as_array

SHARDS = 64
# Any chain nobody holds will do, one of the session's own by preference: a writer that waited for a chain while it
# holds other rows could wait for somebody who waits for it.
_FREE_HEAD = """
SELECT shard, position, chain_hash FROM audit_shardhead
ORDER BY shard <> pg_backend_pid() %% %s, shard LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_ANY_HEAD = "SELECT shard, position, chain_hash FROM audit_shardhead WHERE shard = pg_backend_pid() %% %s FOR UPDATE"
# Head and entries in one round trip, and nothing where the chain has grown since or is held by another.
_APPEND = """
WITH head AS (
  SELECT shard FROM audit_shardhead
  WHERE shard = %(shard)s AND position = %(position)s AND chain_hash = %(previous)s FOR UPDATE SKIP LOCKED
), moved AS (
  UPDATE audit_shardhead SET position = %(new_position)s, chain_hash = %(new_hash)s FROM head
  WHERE audit_shardhead.shard = head.shard
)
INSERT INTO audit_entry (shard, position, recorded_at, tag, outcome, subject, person_id, organisation_id,
                         actor_label, trace_id, content, previous_hash, chain_hash)
SELECT head.shard, entry.*
FROM head CROSS JOIN unnest(
  %(positions)s::bigint[], %(recorded_at)s::timestamptz[], %(tag)s::text[], %(outcome)s::text[], %(subject)s::text[],
  %(person_id)s::bigint[], %(organisation_id)s::bigint[], %(actor_label)s::text[], %(trace_id)s::text[],
  %(contents)s::jsonb[], %(previous_hashes)s::bytea[], %(hashes)s::bytea[]
) AS entry
"""
_TOLD = ("recorded_at", "tag", "outcome", "subject", "person_id", "organisation_id", "actor_label", "trace_id")
Row = dict[str, Any]
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
    row: Row = {
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
    transactions.gather(_write, row, is_last=True)


def _write(rows: list[Row]) -> None:
    """Append rows to one chain, in their order."""
    known: Head | None = getattr(_known, "head", None)
    if known is None or not _is_written(known, rows):
        _is_written(_lock_head(), rows)


def _is_written(head: Head, rows: list[Row]) -> bool:
    """Append rows behind ``head`` and remember the new one; False where it is not the head, or not free."""
    shard, position, previous = head
    hashes = [previous]
    for place, row in enumerate(rows, position + 1):
        hashes.append(chain_hash(hashes[-1], canonical({**row, "shard": shard, "position": place})))
    latest = (shard, position + len(rows), hashes[-1])
    lists: dict[str, Any] = {name: [row[name] for row in rows] for name in _TOLD}
    lists |= {"positions": range(position + 1, latest[1] + 1), "contents": [row["content"] for row in rows]}
    lists |= {"previous_hashes": hashes[:-1], "hashes": hashes[1:]}
    values: dict[str, Any] = {name: as_array(column) for name, column in lists.items()}
    values |= {"shard": shard, "position": position, "previous": previous}
    values |= {"new_position": latest[1], "new_hash": hashes[-1]}
    is_written = sql.changed(_APPEND, values) == len(rows)
    _known.head = latest if is_written else None
    return is_written


def _lock_head() -> Head:
    free = sql.rows(_FREE_HEAD, [SHARDS]) or sql.rows(_ANY_HEAD, [SHARDS])  # the latter: more transactions than chains
    shard, position, previous = free[0]
    return shard, position, bytes(previous)
