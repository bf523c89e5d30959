"""What departments supply: records of firms, batches of them, and a look at the feed as its turn comes."""

from datetime import date
from functools import reduce
from itertools import count

from finmart.centres.data.sources import operations
from finmart.centres.data.sources.models import Batch, Feed
from finmart.centres.data.sources.types import Column, ColumnKind, Delivered, Offer
from finmart.integrations.data_sharing.office import Office
from finmart.integrations.data_sharing.types import chained, record_hash
from finmart.kit import clock
from finmart.kit.actor import Actor

VALUES = {
    ColumnKind.BOOLEAN: False, ColumnKind.DATE: "2019-05-06", ColumnKind.DECIMAL: "0.5", ColumnKind.INTEGER: 3,
    ColumnKind.TEXT: "A", ColumnKind.YUAN: "1234.50",
}  # fmt: skip
FEEDER = Actor.of_system("数据归集")
_numbers = count(1)
SUPPLIED_ON = date(2026, 11, 1)


def office(url: str, secret: str, code: str) -> Office:
    """Return the back office of a source that has the columns agreed on."""
    made = Office(url, secret.encode(), code)
    columns = [Column.of(stored) for stored in Feed.objects.get(code=code).columns]
    made.have_columns([{"name": column.name, "kind": str(column.kind)} for column in columns])
    return made


def record(code: str, credit_code: str, key: str = "", as_of_on: str = "2026-10-31", replaces: str = "", **values):
    """Return one record of a firm; columns that are not named hold something plausible."""
    columns = [Column.of(stored) for stored in Feed.objects.get(code=code).columns]
    content = {column.name: VALUES[column.kind] for column in columns} | values
    found = {"key": key or f"{code}-{credit_code}-{as_of_on}", "credit_code": credit_code, "as_of_on": as_of_on}
    return found | content | ({"replaces": replaces} if replaces else {})


def due_again(code: str) -> None:
    """Have the feed's turn come at once."""
    Feed.objects.filter(code=code).update(
        is_asked_for=True, not_before=None, lease=None, lease_until=None, latest_attempt_at=clock.now()
    )


def batch(code: str, *records) -> Batch:
    """Return a batch of these records, received by the operations a run goes through and settled."""
    due_again(code)
    run = operations.begin_run(FEEDER, code)
    number, hashed = f"batch-{next(_numbers)}", tuple((one, record_hash(one)) for one in records)
    digest = reduce(chained, (one for _, one in hashed), "")
    operations.take_batch(FEEDER, run, Offer(number, number, SUPPLIED_ON, len(hashed), digest))
    operations.store_page(FEEDER, run, 1, Delivered(hashed, has_more=False))
    operations.end_run(FEEDER, run, is_up_to_date=True)
    return Batch.objects.get(number=number)


def held_batch(code: str, credit_code: str) -> Batch:
    """Return a batch that waits for people, because a record of it has no key."""
    return batch(code, record(code, credit_code), {**record(code, credit_code), "key": None})


def demand(operator: Actor, code: str = "tax"):
    """Return the uuid of a demand for data that are missing."""
    return operations.raise_demand(operator, feed_code=code, text="请补送三季度纳税数据")
