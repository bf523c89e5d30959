"""Which part of the sample city is being made, for its pages to say: a lock of the session that makes it.

The lock ends with its session however that ends, so no page waits for something nobody makes any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection

from finmart.twin import seeding

LOCKS = 7_301_010  # any number, as long as nothing else locks pairs under it
STAGES = ("登记企业、导入发票、生成画像", "训练评分卡并评分", "办理示例案件", "检查风险预警")
FIRMS, SCORECARD, CASES, WARNINGS = range(len(STAGES))
_STANDING = (
    "SELECT min(objid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def making(stage: int) -> Iterator[None]:
    """Have every page say, for the length of the block, that a stage is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, stage])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, stage])


def told() -> str:
    """Return what is still being prepared, in one sentence; empty where nothing is."""
    try:
        stage = _stage()
    except Error:  # whoever draws a page of an error must not fail over this
        return ""
    if stage is None:
        return ""
    return f"示例城市仍在准备（{stage + 1}/{len(STAGES)}）：{STAGES[stage]}。已有的功能可以使用，页面上的数字会陆续补齐"


def _stage() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [LOCKS])
        (stage,) = cursor.fetchone()
    if stage is None and not seeding.is_filled():
        return FIRMS  # between two processes
    return None if stage is None else int(stage)
