"""Reading the trail back and proving it whole."""

from collections.abc import Callable, Iterator

from django.db import connection

from finmart.centres.technical.audit import policies
from finmart.centres.technical.audit.models import Entry, ShardHead
from finmart.centres.technical.audit.rules import GENESIS, canonical, chain_hash
from finmart.centres.technical.audit.types import ChainFault, Verification
from finmart.kit import masks
from finmart.kit.actor import PERSON, Actor
from finmart.kit.errors import AccessDenied

BATCH = 5_000
HASHED = (
    "shard", "position", "recorded_at", "tag", "outcome", "subject", "person_id", "organisation_id",
    "actor_label", "trace_id", "content",
)  # fmt: skip


def entries_for(actor: Actor, *, subject: str = "", limit: int = 100) -> list[Entry]:
    """Return the newest entries, of one subject if named; ``person_id`` says who acted.

    Older rows name people beside it: those names are masked, and stay in the row, which is chained.

    Raises AccessDenied for all but operator staff.
    """
    if not policies.can_read_trail(actor):
        raise AccessDenied("您无权查看审计记录")
    rows = Entry.objects.filter(subject=subject) if subject else Entry.objects.all()
    newest = list(rows.order_by("-id")[:limit])
    for row in newest:
        if row.person_id is not None and not row.actor_label.startswith(PERSON):
            row.actor_label = masks.name(row.actor_label)
    return newest


def verify(on_progress: Callable[[int], None] = lambda _: None) -> Verification:
    """Read every chain from its start and compare; name the first altered, missing or inserted row (clause F4)."""
    seen = 0
    for head in ShardHead.objects.order_by("shard"):
        previous, expected = GENESIS, 1
        for row in _rows_of(head.shard):
            fault = _fault_of(row, previous, expected)
            if fault:
                return Verification(seen, fault)
            previous, expected, seen = bytes(row.chain_hash), expected + 1, seen + 1
            if seen % BATCH == 0:
                on_progress(seen)
        if expected - 1 != head.position or previous != bytes(head.chain_hash):
            kind = "missing" if expected - 1 < head.position else "inserted"
            return Verification(seen, ChainFault(head.shard, min(expected, head.position + 1), kind, ""))
    orphan = Entry.objects.exclude(shard__in=ShardHead.objects.values("shard")).order_by("id").first()
    if orphan:
        return Verification(seen, ChainFault(orphan.shard, orphan.position, "inserted", orphan.tag))
    return Verification(seen, None)


def count_rows() -> int:
    """Return how many rows the chains claim to have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(SUM(position), 0) FROM audit_shardhead")
        return int(cursor.fetchone()[0])


def _rows_of(shard: int) -> Iterator[Entry]:
    return Entry.objects.filter(shard=shard).order_by("position").iterator(chunk_size=BATCH)


def _fault_of(row: Entry, previous: bytes, expected: int) -> ChainFault | None:
    if row.position > expected:
        return ChainFault(row.shard, expected, "missing", "")
    if bytes(row.previous_hash) != previous:
        return ChainFault(row.shard, row.position, "inserted", row.tag)
    content = canonical({name: getattr(row, name) for name in HASHED})
    if chain_hash(previous, content) != bytes(row.chain_hash):
        return ChainFault(row.shard, row.position, "altered", row.tag)
    return None
