"""Putting the records of one page into the store."""

import json

from django.db import connection

from finmart.centres.data.sources.models import Batch, Record
from finmart.centres.data.sources.rules import feeding
from finmart.centres.data.sources.types import BatchState, Column, Delivered
from finmart.centres.technical.parties import queries as parties_queries
from finmart.integrations.data_sharing.types import chained
from finmart.kit import clock
from finmart.kit.ids import new_uuid

_COPY = """
COPY sources_record (uuid, batch_id, position, key, organisation_id, credit_code, as_of_on, content, content_hash,
                     replaces) FROM STDIN
"""


def store_records(batch: Batch, delivered: Delivered, columns: tuple[Column, ...]) -> None:
    """Add a page to the batch and count it; the batch itself is saved by the caller.

    Records of firms that are not registered are counted and not kept. In a later round a record that is here word for
    word is not kept twice.
    """
    today, position = clock.today(), batch.received
    read = [(feeding.read_record(record, columns, today), digest) for record, digest in delivered.records]
    firms = parties_queries.ids_by_credit_code({one.credit_code for one, _ in read if one})
    here = _here_already(batch, [digest for _, digest in read]) if batch.round > 1 else set()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for one, digest in read:
            position += 1
            batch.chained = chained(batch.chained, digest)
            if one is None:
                batch.unreadable += 1
            elif one.credit_code not in firms:
                batch.unknown += 1
            elif digest not in here:
                content = json.dumps(one.content, ensure_ascii=False)
                copy.write_row(
                    (new_uuid(), batch.pk, position, one.key, firms[one.credit_code], one.credit_code, one.as_of_on,
                     content, digest, one.replaces)
                )  # fmt: skip
    batch.received = position


def _here_already(batch: Batch, digests: list[str]) -> set[str]:
    earlier = Record.objects.filter(
        content_hash__in=digests, batch__feed=batch.feed_id, batch__state__in=[BatchState.LOADED, BatchState.HELD]
    )
    return set(earlier.values_list("content_hash", flat=True))
