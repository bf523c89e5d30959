"""From a number back to the record or the loads it came from."""

from datetime import date

from finmart.centres.data.sources.models import Record
from finmart.centres.data.sources.types import BatchState, RecordOrigin


def record_behind(organisation_id: int, feed_name: str, as_of_on: date) -> RecordOrigin | None:
    """Return the newest loaded record of a firm as of a day from the feed of this name, None where there is none.

    For who has leave to see the fact it became; a fact names its feed as its source.
    """
    rows = Record.objects.select_related("batch__feed").filter(
        organisation_id=organisation_id, as_of_on=as_of_on, batch__feed__name=feed_name,
        batch__state=BatchState.LOADED, replaced_by=None,
    )  # fmt: skip
    record = rows.order_by("-pk").first()
    if record is None:
        return None
    batch = record.batch
    return RecordOrigin(
        uuid=record.uuid, key=record.key, content_hash=record.content_hash, as_of_on=record.as_of_on,
        feed_code=batch.feed.code, feed_name=batch.feed.name, supplier=batch.feed.supplier,
        batch_number=batch.number, batch_digest=batch.digest, supplied_on=batch.supplied_on,
        received_at=batch.received_at,
    )  # fmt: skip
