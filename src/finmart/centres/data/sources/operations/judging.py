"""Whether a batch that is whole is good enough to be loaded."""

from collections import Counter
from decimal import Decimal

from finmart.centres.data.sources.models import Batch
from finmart.centres.data.sources.rules import feeding
from finmart.centres.data.sources.types import Column, Judgement
from finmart.centres.technical.parameters import queries as parameters_queries

MOST_UNREADABLE = "sources.batch.most_unreadable"
MOST_UNUSABLE = "sources.batch.most_unusable"


def judge(batch: Batch) -> Judgement:
    """Judge a RECEIVED batch by its form, before anything of it is a fact.

    It is held where too many records lack a key, a firm or a day, where too many values are none of their column's
    kind (both shares are settings), or where two records tell of the same firm and day without one replacing the
    other. What rules say of the values is another matter: ``BatchReceived`` is published for that.
    """
    limits = parameters_queries.values([MOST_UNREADABLE, MOST_UNUSABLE])
    columns = [Column.of(stored) for stored in batch.feed.columns]
    days: Counter[tuple[int, object]] = Counter()
    values = unusable = 0
    for record in batch.records.only("organisation_id", "as_of_on", "content", "replaces").iterator():
        days[record.organisation_id, record.as_of_on] += not record.replaces
        values += len(columns)
        unusable += sum(not feeding.is_usable(column.kind, record.content.get(column.name)) for column in columns)
    kept = batch.received - batch.unknown
    faults = [
        _share(batch.unreadable, kept, limits[MOST_UNREADABLE], "条记录", "缺少编号、企业代码或日期"),
        _share(unusable, values, limits[MOST_UNUSABLE], "个值", "与约定的类型不符"),
    ]
    twice = sum(count > 1 for count in days.values())
    if twice:
        faults.append(f"{twice} 家企业同一日期有两条不同的记录，又没有注明取代关系")
    reason = "；".join(fault for fault in faults if fault)
    return Judgement(is_to_be_held=bool(reason), reason=reason)


def _share(bad: int, of: int, most: Decimal, unit: str, fault: str) -> str:
    if bad <= most * of:
        return ""
    return f"{of} {unit}中有 {bad} {unit[0]}{fault}，超过 {most:.0%}"
