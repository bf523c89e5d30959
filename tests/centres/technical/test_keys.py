"""Keys change while people write: nothing is lost, nothing overwritten, and no key goes that a value needs."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from factories import parties
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.keys import operations, queries, tasks
from finmart.centres.technical.keys.models import KnownKey, Rotation
from finmart.centres.technical.keys.types import UnableToRetire
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import UnableToRegister
from finmart.kit import crypto, transactions
from finmart.kit.actor import Actor
from finmart.kit.crypto import KeysUnavailable, Purpose, keyring
from finmart.kit.errors import AccessDenied, NotFound

KEYS = Actor.of_system("keys")
NUMBER = "320502199003074597"


@pytest.fixture
def own_keys(tmp_path, settings, monkeypatch):
    """A copy of the tests' keys that may be changed."""
    file = tmp_path / "keys.json"
    shutil.copy(settings.FINMART_KEYS_FILE, file)
    file.chmod(0o600)
    settings.FINMART_KEYS_FILE = str(file)
    monkeypatch.setenv("FINMART_KEYS_FILE", str(file))
    keyring._known.forget()
    yield file
    keyring._known.forget()


def _rotate(purpose=Purpose.FIELDS, algorithm=""):
    """Return the keys before and after."""
    before = crypto.ring().current(purpose).id
    with transactions.opened():
        after = operations.add(KEYS, purpose=purpose, algorithm=algorithm)
        operations.rotate(KEYS, after)
    return before, after


def _people(count: int, prefix="甲") -> list[int]:
    with transactions.opened():
        return [parties.person(f"{prefix}{place}").person_id for place in range(count)]


def _stale() -> int:
    return sum(one.stale for one in queries.columns_for(KEYS))


def _aged(monkeypatch):
    monkeypatch.setattr(queries, "transactions_from_before", lambda key: 0)


@pytest.mark.clause("D2")
@pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
def test_a_rotation_writes_with_the_new_key_at_once_and_may_stop_anywhere(db, own_keys, algorithm):
    ids = _people(5)
    before, after = _rotate(algorithm=algorithm)
    assert queries.is_rotating()
    new = parties.person("乙").person_id
    assert Person.objects.get(pk=new).__dict__["full_name"].text.split(".")[1] == after
    with transactions.opened():
        first = operations.reseal(KEYS, "parties.person.full_name", batch=2)
    assert (first.rows, first.after is None) == (2, False)
    assert _stale() > 0
    with transactions.opened():
        assert operations.finish(KEYS) == []
    tasks.reseal(0)  # as the worker does, from the start
    assert (_stale(), queries.is_rotating()) == (0, False)
    assert [Person.objects.get(pk=one).full_name for one in ids] == [f"甲{place}" for place in range(5)]
    tasks.reseal(0)
    assert Rotation.objects.get(key__key_id=after).rows > 0
    assert {row.id: row.rows for row in queries.keys_for(KEYS)}[before] == 0


@pytest.mark.clause("D2")
def test_a_key_is_retired_only_when_nothing_needs_it(db, own_keys, monkeypatch):
    _people(2)
    before, after = _rotate()
    _aged(monkeypatch)
    with pytest.raises(UnableToRetire, match="在用"), transactions.opened():
        operations.retire(KEYS, after)
    with pytest.raises(UnableToRetire, match=r"parties\.person\.full_name \d+ 行"), transactions.opened():
        operations.retire(KEYS, before)
    tasks.reseal(0)
    with transactions.opened():
        operations.retire(KEYS, before)
    assert before not in own_keys.read_text()
    assert KnownKey.objects.get(key_id=before).retired_at is not None
    with pytest.raises(NotFound), transactions.opened():
        operations.retire(KEYS, before)
    assert Person.objects.first().full_name  # still opens
    tags = list(Entry.objects.filter(tag__startswith="keys:").order_by("pk").values_list("tag", flat=True))
    assert tags == ["keys:key:add", "keys:key:rotate", "keys:key:retire"]


def test_a_transaction_from_before_the_change_keeps_the_old_key(committed_database, own_keys):
    begun, end = threading.Event(), threading.Event()

    def stay():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            begun.set()
            end.wait(20)
        connection.close()

    other = threading.Thread(target=stay)
    other.start()
    begun.wait(10)
    before, _ = _rotate()
    tasks.reseal(0)
    with pytest.raises(UnableToRetire, match="事务"), transactions.opened():
        operations.retire(KEYS, before)
    end.set()
    other.join()
    key = crypto.ring().by_id[before]
    assert queries.transactions_from_before(key) == 0


@pytest.mark.clause("D2")
def test_people_write_while_a_key_is_changed(committed_database, own_keys):
    ids = _people(30)
    stop, faults, written = threading.Event(), [], {}

    def write(share):
        count = 0
        try:
            while not stop.is_set():
                for person_id in share:
                    count += 1
                    with transactions.opened():
                        row = Person.objects.select_for_update().get(pk=person_id)
                        row.full_name = row.full_name[:1] + str(count)
                        row.save(update_fields=["full_name"])
                    written[person_id] = f"甲{count}"
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells it
            faults.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(ids[place::3],)) for place in range(3)]
    for one in writers:
        one.start()
    for algorithm in ("AES-256-GCM", "SM4-GCM"):
        _, after = _rotate(algorithm=algorithm)
        while queries.is_rotating():
            tasks.reseal(0)
    stop.set()
    for one in writers:
        one.join()
    tasks.reseal(0)
    assert faults == []
    assert _stale() == 0
    found = {row.pk: row.full_name for row in Person.objects.filter(pk__in=ids)}
    assert found == {**found, **written}
    assert len(written) == len(ids)
    assert all(row.__dict__["full_name"].text.split(".")[1] == after for row in Person.objects.filter(pk__in=ids))


def test_blind_indexes_are_made_anew_and_found_meanwhile(db, own_keys, monkeypatch):
    person = Person.objects.get(pk=parties.person().person_id)
    person.phone = "13812345678"
    person.save()
    borrower = parties_operations.register_borrower(KEYS, full_name="赵", identity_number=NUMBER)
    before, _ = _rotate(Purpose.INDEX)

    def found():
        return list(Person.objects.filter(phone_index__in=crypto.digests(Person, "phone_index", "138-1234 5678")))

    assert found() == [person]
    tasks.reseal(0)
    assert found() == [person]
    with pytest.raises(UnableToRegister), transactions.opened():
        parties_operations.register_borrower(KEYS, full_name="钱", identity_number=NUMBER)
    _aged(monkeypatch)
    with pytest.raises(UnableToRetire, match="identity_digest 1 行"), transactions.opened():
        operations.retire(KEYS, before)
    Person.objects.filter(pk=borrower.id).update(identity_digest=None)
    with transactions.opened():
        operations.retire(KEYS, before)
    assert found() == [person]


def test_an_append_only_table_lets_its_sealed_columns_alone_be_written_again(db, owner_database):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_column_privilege('funds_payee', one, 'UPDATE') FROM unnest(%s::text[]) AS one",
            [["account_number", "name", "bank_name", "amount_fen", "disbursement_id"]],
        )
        assert [may for (may,) in cursor.fetchall()] == [True, True, False, False, False]
    owner_database.execute(
        "CREATE TABLE kept (id int, sealed text, plain text); INSERT INTO kept VALUES (1, 'a', 'b');"
        "CREATE TRIGGER kept_only BEFORE UPDATE ON kept FOR EACH ROW EXECUTE FUNCTION"
        " finmart_refuse_change_but('sealed')"
    )
    owner_database.execute("UPDATE kept SET sealed = 'c'")
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        owner_database.execute("UPDATE kept SET plain = 'c'")
    owner_database.execute("DROP TABLE kept")


def test_a_lost_or_foreign_key_is_told_at_the_start(db, own_keys):
    with transactions.opened():
        operations.register(KEYS)
    content = json.loads(own_keys.read_text())
    lost = {**content, "keys": content["keys"][1:]}
    own_keys.write_text(json.dumps(lost))
    keyring._known.forget()
    with pytest.raises(KeysUnavailable, match=content["keys"][0]["id"]), transactions.opened():
        operations.register(KEYS)
    content["keys"][0]["secret"] = "00" * (len(content["keys"][0]["secret"]) // 2)
    own_keys.write_text(json.dumps(content))
    keyring._known.forget()
    with pytest.raises(KeysUnavailable, match="另一套平台"), transactions.opened():
        operations.register(KEYS)


def test_only_the_command_and_the_job_handle_keys(db):
    operator = parties.operator()
    for act in (
        lambda: queries.keys_for(operator),
        lambda: operations.add(operator, purpose=Purpose.FIELDS),
        lambda: operations.rotate(operator, "k"),
        lambda: operations.retire(operator, "k"),
    ):
        with pytest.raises(AccessDenied), transactions.opened():
            act()


@pytest.mark.clause("D2")
def test_the_command_lists_rotates_and_retires(committed_database, own_keys):
    _people(3)

    def run(*words):
        return subprocess.run(
            [_finmart(), *words],
            check=False, capture_output=True, text=True, env=os.environ.copy(), timeout=120,
        )  # fmt: skip

    first = json.loads(run("keys", "list", "--json").stdout)
    old = next(one for one in first["keys"] if one["purpose"] == "FIELDS" and one["current"])
    assert old["rows"] > 0
    rotated = json.loads(run("keys", "rotate", "--algorithm", "AES-256-GCM", "--json").stdout)
    assert rotated["resealed"] >= old["rows"]
    listed = {one["id"]: one for one in json.loads(run("keys", "list", "--json").stdout)["keys"]}
    assert (listed[old["id"]]["rows"], listed[old["id"]]["current"]) == (0, False)
    assert (listed[rotated["id"]]["algorithm"], listed[rotated["id"]]["current"]) == ("AES-256-GCM", True)
    refused = run("keys", "retire", rotated["id"])
    assert refused.returncode == 1
    assert "在用" in refused.stderr
    own_keys.unlink()
    lost = run("keys", "list")
    assert lost.returncode == 1
    assert "没有密钥文件" in lost.stderr
    assert "Traceback" not in lost.stderr


def _finmart() -> str:
    return str(Path(sys.executable).with_name("finmart"))
