"""The trail: written with the act, never changed, verifiable."""

import threading

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from finmart.centres.technical.audit import operations, queries
from finmart.kit.actor import Actor
from finmart.kit.transactions import OutsideTransaction

ACTOR = Actor.of_system("test")


def _write(count):
    with transaction.atomic():
        for number in range(count):
            operations.record(ACTOR, "audit:test:write", f"thing:{number}", name="𠮷野", number=number, share=0.1)


@pytest.mark.clause("F4")
@pytest.mark.django_db
def test_a_chain_of_untouched_rows_verifies():
    before = queries.verify().rows
    _write(20)
    assert queries.verify().rows == before + 20
    assert queries.verify().ok


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        ('UPDATE audit_entry SET content = \'{"name": "other"}\' WHERE position = 3', "altered"),
        ("DELETE FROM audit_entry WHERE position = 3", "missing"),
        ("DELETE FROM audit_entry WHERE position = 5", "missing"),
        (
            (
                "INSERT INTO audit_entry (shard, position, recorded_at, tag, outcome, subject, person_id,"
                " organisation_id,"
                " actor_label, trace_id, content, previous_hash, chain_hash)"
                " SELECT shard, position + 1, recorded_at, tag, outcome, subject, person_id, organisation_id,"
                " actor_label, trace_id,"
                " content, chain_hash, chain_hash FROM audit_entry ORDER BY position DESC LIMIT 1"
            ),
            "altered",
        ),
    ],
)
def test_verify_names_the_first_row_that_was_tampered_with(committed_database, owner_database, tamper, kind):
    _write(5)
    owner_database.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
    owner_database.execute(tamper)
    fault = queries.verify().first_fault
    assert fault is not None
    assert fault.kind == kind


@pytest.mark.clause("F4")
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET tag = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
@pytest.mark.django_db
def test_the_application_may_not_change_the_trail(statement):
    _write(1)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET tag = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_even_the_owner_meets_the_trigger(committed_database, owner_database, statement):
    _write(1)
    with pytest.raises(psycopg.Error, match="append-only"):
        owner_database.execute(statement)


def test_a_row_outside_a_transaction_is_refused(committed_database):
    with pytest.raises(OutsideTransaction):
        operations.record(ACTOR, "audit:test:write")


@pytest.mark.clause("F4")
def test_a_writer_never_waits_for_the_chain_of_another(committed_database, monkeypatch):
    monkeypatch.setattr(operations, "SHARDS", 1)  # both sessions prefer the same chain
    before = queries.verify().rows
    seen = []

    def write():
        with transaction.atomic():
            operations.record(ACTOR, "audit:test:write")
            seen.append("written")
        connection.close()

    with transaction.atomic():
        operations.record(ACTOR, "audit:test:write")
        other = threading.Thread(target=write)
        other.start()
        other.join(timeout=10)
        assert seen == ["written"]
    assert queries.verify().rows == before + 2
    assert queries.verify().ok
