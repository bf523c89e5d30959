"""Writing the trail, in the transaction of the act it tells of."""

from typing import Any

from django.db import connection
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
_APPEND = """
WITH entry AS (
  INSERT INTO audit_entry (shard, position, recorded_at, tag, outcome, subject, person_id, organisation_id,
                           actor_label, trace_id, content, previous_hash, chain_hash)
  VALUES (%(shard)s, %(position)s, %(recorded_at)s, %(tag)s, %(outcome)s, %(subject)s, %(person_id)s,
          %(organisation_id)s, %(actor_label)s, %(trace_id)s, %(content)s, %(previous)s, %(hash)s)
)
UPDATE audit_shardhead SET position = %(position)s, chain_hash = %(hash)s WHERE shard = %(shard)s
"""


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
    with connection.cursor() as cursor:
        cursor.execute(_FREE_HEAD, [SHARDS])
        head = cursor.fetchone()
        if head is None:  # more transactions at once than chains
            cursor.execute(_ANY_HEAD, [SHARDS])
            head = cursor.fetchone()
        shard, position, previous = head
        row: dict[str, Any] = {
            "shard": shard,
            "position": position + 1,
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
        sealed = chain_hash(bytes(previous), canonical(row))
        values: Any = {**row, "content": Jsonb(content), "previous": bytes(previous), "hash": sealed}
        cursor.execute(_APPEND, values)
