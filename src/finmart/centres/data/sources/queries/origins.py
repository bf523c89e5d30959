"""From a number back to the record or the loads it came from."""

import json
from datetime import date, datetime
from typing import Any

from django.db import connection

from finmart.centres.data.sources.models import Invoice, Record
from finmart.centres.data.sources.types import BatchState, Direction, InvoiceInput, LoadInput, RecordOrigin

# As ``invoices_as_known``: a void twin that came in later had not taken anything back yet.
_INPUTS = """
WITH known AS (
  SELECT i.*, NOT i.is_void AND (i.is_effective OR NOT EXISTS (
           SELECT FROM sources_invoice AS twin JOIN sources_load AS voided ON voided.id = twin.load_id
           WHERE twin.is_void AND voided.finished_at <= %(known_by)s AND twin.organisation_id = i.organisation_id
             AND twin.direction = i.direction AND twin.number = i.number AND twin.issued_on = i.issued_on
             AND twin.counterparty = i.counterparty AND twin.amount_fen = i.amount_fen
             AND twin.tax_fen = i.tax_fen AND twin.total_fen = i.total_fen)) AS counts
  FROM sources_invoice AS i
  WHERE i.organisation_id = %(firm)s AND i.issued_on BETWEEN %(first)s AND %(latest)s
    AND i.direction = ANY(%(sides)s)
)
SELECT load.uuid, load.files, load.finished_at, known.direction, count(*), count(*) FILTER (WHERE known.is_void),
       count(*) FILTER (WHERE known.counts), coalesce(sum(known.amount_fen) FILTER (WHERE known.counts), 0),
       min(known.issued_on), max(known.issued_on)
FROM known JOIN sources_load AS load ON load.id = known.load_id
WHERE load.finished_at <= %(known_by)s
GROUP BY load.id, known.direction ORDER BY load.id, known.direction
"""


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


def invoice_inputs(
    organisation_id: int, *, sides: tuple[str, ...], first_on: date, latest_on: date, known_by: datetime
) -> list[LoadInput]:
    """Return what each load brought of a firm's invoices issued in a period, as known by a moment, the oldest first.

    For who has leave to see the fact they became; names no counterparty.
    """
    wanted: dict[str, Any] = {
        "firm": organisation_id, "sides": list(sides), "first": first_on, "latest": latest_on, "known_by": known_by,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INPUTS, wanted)
        rows = cursor.fetchall()
    return [
        LoadInput(
            load_uuid=uuid, files=tuple((file["name"], file["sha256"]) for file in _files(files)), loaded_at=at,
            direction=side, direction_label=Direction(side).label, invoices=count, void=void, effective=counting,
            net_fen=int(net), first_on=first, latest_on=latest,
        )
        for uuid, files, at, side, count, void, counting, net, first, latest in rows
    ]  # fmt: skip


def invoices_behind(
    organisation_id: int, *, sides: tuple[str, ...], first_on: date, latest_on: date, known_by: datetime, most: int
) -> list[InvoiceInput]:
    """Return the newest of those invoices one by one, with their other side: for the firm's own people only."""
    rows = Invoice.objects.select_related("load").filter(
        organisation_id=organisation_id, direction__in=sides, issued_on__range=(first_on, latest_on),
        load__finished_at__lte=known_by,
    )  # fmt: skip
    return [
        InvoiceInput(
            one.number, one.issued_on, Direction(one.direction).label, one.counterparty, one.amount_fen, one.is_void,
            one.load.uuid,
        )
        for one in rows.order_by("-issued_on", "-pk")[:most]
    ]  # fmt: skip


def _files(stored: str | list[dict[str, str]]) -> list[dict[str, str]]:
    # psycopg hands jsonb over as text here, because Django decodes its own JSON fields only.
    found: list[dict[str, str]] = json.loads(stored) if isinstance(stored, str) else stored
    return found
