"""What departments supply: records of firms, batches of them, and a look at the feed as its turn comes."""

from datetime import date

from finmart.centres.data.sources.models import Feed
from finmart.centres.data.sources.types import Column, ColumnKind
from finmart.integrations.data_sharing.office import Office
from finmart.kit import clock

VALUES = {
    ColumnKind.BOOLEAN: False, ColumnKind.DATE: "2019-05-06", ColumnKind.DECIMAL: "0.5", ColumnKind.INTEGER: 3,
    ColumnKind.TEXT: "A", ColumnKind.YUAN: "1234.50",
}  # fmt: skip
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
