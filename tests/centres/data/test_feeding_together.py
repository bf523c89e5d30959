"""Several workers at one feed: every record is loaded once."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from factories import parties as people
from factories.supplying import SUPPLIED_ON, record
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.sources import tasks
from finmart.centres.data.sources.models import Batch, Feed, Record
from finmart.centres.data.sources.types import BatchState
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, transactions


@pytest.mark.clause("D1")
def test_workers_at_once_load_each_record_once(committed_database, sources):
    with transactions.opened():
        firms = [people.enterprise() for _ in range(12)]
        codes = [parties_queries.organisation(one.organisation_id).credit_code for one in firms]
    office = sources("court")
    for month in ("08", "09", "10"):
        day = f"2026-{month}-28"
        office.supply(f"2026-{month}", SUPPLIED_ON, [record("court", one, as_of_on=day) for one in codes])
    Feed.objects.filter(code="court").update(page_size=5, pages_per_run=3)
    trouble, end = [], clock.now() + timedelta(seconds=20)

    def work():
        try:
            while Feed.objects.get(code="court").latest_success_at is None and clock.now() < end:
                tasks.look(0)
                tasks.fetch("court")
        except Exception as error:  # noqa: BLE001 - whatever it was is shown by the test
            trouble.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    tasks.fetch("court")
    assert sorted(Batch.objects.values_list("state", "received")) == [(BatchState.LOADED, 12)] * 3
    assert Record.objects.count() == 36
    assert profiles_queries.count_facts() == (144, 12)
    assert Feed.objects.get(code="court").failures == 0
