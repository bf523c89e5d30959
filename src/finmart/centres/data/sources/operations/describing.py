"""What is agreed with the suppliers, out of the city's pack (clauses D1, G1)."""

import tomllib
from importlib import resources
from typing import Any

from finmart.centres.data.sources.models import Feed
from finmart.centres.data.sources.types import Column, ColumnKind, FeedKind, SourcesAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

TERMS = (
    "every_minutes", "page_size", "pages_per_run", "most_unfinished", "stale_days", "answer_days", "terms_source",
)  # fmt: skip


def describe_feeds(actor: Actor, pack: str) -> int:
    """Bring the feeds to what ``packs/<pack>/sources.toml`` says; return how many are new or changed.

    Only what is agreed changes; how far a feed has come stays, and a feed the pack no longer names stays too.
    Raises AccessDenied for people, NotFound where there is no such pack.
    """
    transactions.require()
    if not actor.system:
        raise AccessDenied("数据来源只由平台在升级时装载")
    present = {feed.code: feed for feed in Feed.objects.select_for_update()}
    changed = []
    for position, (code, wanted) in enumerate(_wanted(pack).items()):
        feed = present.get(code) or Feed(code=code)
        agreed = {**wanted, "position": position}
        if code not in present or any(getattr(feed, name) != value for name, value in agreed.items()):
            for name, value in agreed.items():
                setattr(feed, name, value)
            feed.save()
            changed.append(code)
    if changed:
        audit_operations.record(actor, SourcesAct.FEED_DESCRIBE, f"pack:{pack}", feeds=changed)
    return len(changed)


def _wanted(pack: str) -> dict[str, dict[str, Any]]:
    file = resources.files("finmart") / "packs" / pack / "sources.toml"
    if not pack.isidentifier() or not file.is_file():
        raise NotFound(f"没有城市配置包“{pack[:40]}”的 sources.toml", remedy="请检查 FINMART_CITY")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return {row["code"]: _agreed({**content["terms"], **row}) for row in content["feeds"]}


def _agreed(row: dict[str, Any]) -> dict[str, Any]:
    columns = [Column(name, label, ColumnKind(kind), fact_type) for name, label, kind, fact_type in row["columns"]]
    return {
        "name": row["name"],
        "supplier": row["supplier"],
        "kind": FeedKind(row["kind"]),
        "duty": row["duty"],
        "is_example": row["example"],
        "columns": [column.as_json() for column in columns],
        **{name: row[name] for name in TERMS},
    }
