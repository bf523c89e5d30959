"""Sealed values: what comes back is what was sealed in that place, or an error that names it; never a blank."""

import json
import os
import stat
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from factories import parties
from finmart.centres.technical.parties.models import Organisation, Person
from finmart.kit import clock, crypto, transactions
from finmart.kit.crypto import SealBroken, keyring, migrating
from finmart.kit.crypto.keyring import Cipher, KeysUnavailable, Purpose
from finmart.kit.statements import Change, Given, Statement, insert

PLACE = "parties.person.phone|7"


@pytest.fixture
def key_file(tmp_path, settings):
    """A fresh file of keys, forgotten afterwards."""
    file = tmp_path / "keys" / "keys.json"
    settings.FINMART_KEYS_FILE = str(file)
    keyring._known.forget()
    yield file
    keyring._known.forget()


@pytest.fixture(params=list(Cipher))
def cipher(request, key_file):
    assert keyring.make(key_file, clock.now(), algorithm=request.param)
    return request.param


def _with_new_key(algorithm: str = "", *, is_current: bool = True) -> str:
    made = keyring.new_key(Purpose.FIELDS, clock.now(), algorithm=algorithm)

    def alter(keys):
        added = keyring.Keyring((*keys.keys, made))
        return keyring.made_current(added, made.id, clock.now()) if is_current else added

    keyring.change(alter)
    return made.id


@given(st.text(max_size=80))
def test_what_was_sealed_comes_back(text):
    sealed = crypto.seal(text, PLACE)
    assert crypto.open_sealed(sealed, PLACE) == text
    assert sealed != crypto.seal(text, PLACE)  # a nonce of its own


@pytest.mark.clause("D2")
def test_a_change_of_any_sign_is_noticed_and_the_place_named(cipher):
    sealed = crypto.seal("13812345678", PLACE)
    head = sealed.rindex(".") + 1
    for place in range(head, len(sealed)):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(SealBroken, match=r"parties\.person\.phone（7）"):
            crypto.open_sealed(sealed[:place] + other + sealed[place + 1 :], PLACE)
    for broken in ("", "13812345678", sealed[:-4], sealed[:head], sealed + "AAAA"):
        with pytest.raises(SealBroken, match=r"parties\.person\.phone（7）"):
            crypto.open_sealed(broken, PLACE)


@pytest.mark.clause("D2")
def test_a_value_belongs_to_its_row_field_and_key(cipher):
    sealed = crypto.seal("13812345678", PLACE)
    for place in ("parties.person.phone|8", "parties.person.email|7", "parties.organisation.phone|7"):
        with pytest.raises(SealBroken):
            crypto.open_sealed(sealed, place)
    other = _with_new_key()
    mark, _, body = sealed.split(".")
    with pytest.raises(SealBroken):
        crypto.open_sealed(f"{mark}.{other}.{body}", PLACE)
    with pytest.raises(SealBroken):
        crypto.open_sealed({"1s": "1a", "1a": "1s"}[mark] + sealed[2:], PLACE)
    with pytest.raises(SealBroken, match="kdeadbeef"):
        crypto.open_sealed(f"{mark}.kdeadbeef.{body}", PLACE)
    assert crypto.open_sealed(sealed, PLACE) == "13812345678"


def test_a_new_key_writes_at_once_and_the_old_one_reads(cipher):
    before = crypto.seal("甲", PLACE)
    for algorithm in Cipher:
        new = _with_new_key(algorithm)
        assert crypto.seal("乙", PLACE).split(".")[1] == new
        assert crypto.open_sealed(before, PLACE) == "甲"
    waiting = _with_new_key(is_current=False)
    assert crypto.seal("丙", PLACE).split(".")[1] != waiting


def test_a_key_another_process_made_is_found(cipher):
    keyring.ring()
    known = keyring._known.kept
    new = _with_new_key()
    sealed = crypto.seal("甲", PLACE)
    keyring._known.kept = (*known[:2], float("inf"))  # as another process had read them
    assert crypto.open_sealed(sealed, PLACE) == "甲"
    assert new in keyring.ring().by_id


def test_the_file_is_its_owners_alone_and_made_once(key_file):
    assert keyring.make(key_file, clock.now(), algorithm=Cipher.SM4_GCM)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    before = key_file.read_bytes()
    assert not keyring.make(key_file, clock.now(), algorithm=Cipher.SM4_GCM)
    assert key_file.read_bytes() == before
    assert "secret" not in repr(keyring.ring().keys[0])


def test_keys_that_are_lost_broken_or_open_to_others_are_told_in_a_sentence(key_file):
    with pytest.raises(KeysUnavailable, match="没有密钥文件"):
        crypto.seal("甲", PLACE)
    keyring.make(key_file, clock.now(), algorithm=Cipher.SM4_GCM)
    whole = json.loads(key_file.read_text())
    key_file.chmod(0o604)
    with pytest.raises(KeysUnavailable, match="chmod 600"):
        crypto.seal("甲", PLACE)
    key_file.chmod(0o600)
    for content in ("{", "[]", '{"keys": [{"id": 1}]}', json.dumps({"keys": [{**whole["keys"][0], "secret": "00"}]})):
        key_file.write_text(content)
        keyring._known.forget()
        with pytest.raises(KeysUnavailable, match="已损坏"):
            crypto.seal("甲", PLACE)
    key_file.write_text(json.dumps({"keys": [one for one in whole["keys"] if one["purpose"] != "FIELDS"]}))
    keyring._known.forget()
    with pytest.raises(KeysUnavailable, match="字段加密"):
        crypto.seal("甲", PLACE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_told_in_a_sentence(key_file):
    keyring.make(key_file, clock.now(), algorithm=Cipher.SM4_GCM)
    key_file.chmod(0)
    with pytest.raises(KeysUnavailable, match="无法读取"):
        crypto.seal("甲", PLACE)


def _stored(person_id: int, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM parties_person WHERE id = %s", [person_id])
        return cursor.fetchone()[0]


def _person(**given) -> Person:
    return Person(username=f"p{given.get('phone', '')}x", registered_at=clock.now(), password="!", **given)


@pytest.mark.clause("D2")
def test_the_database_never_sees_the_text(db):
    person = _person(full_name="沈示例", email="Shen@Example.com", phone="138 1234-5678")
    person.save()
    for column, text in (("full_name", "沈示例"), ("email", "Shen@Example.com"), ("phone", "138 1234-5678")):
        stored = _stored(person.pk, column)
        assert text not in stored
        assert stored.startswith("1")
        assert getattr(Person.objects.get(pk=person.pk), column) == text


def test_every_way_of_writing_seals_and_reading_is_lazy(db):
    one, two = _person(full_name="甲", phone="1"), _person(full_name="乙", phone="2")
    insert([one, two])
    found = Statement(lambda: Person.objects.filter(pk=Given("pk", Person._meta.pk))).one(pk=two.pk)
    assert repr(found.__dict__["full_name"]) == "<sealed>"
    assert found.full_name == "乙"
    found.full_name = "丙"
    Change(Person, "full_name").write(found)
    assert Person.objects.get(pk=two.pk).full_name == "丙"
    Person.objects.bulk_create([_person(full_name="丁", phone="3")])
    assert Person.objects.get(username="p3x").full_name == "丁"
    untouched = Person.objects.get(pk=one.pk)
    before = _stored(one.pk, "full_name")
    untouched.save()
    assert _stored(one.pk, "full_name") == before  # never opened, never sealed anew
    deferred = Person.objects.only("id", "uuid").get(pk=one.pk)
    assert deferred.full_name == "甲"


def test_what_would_leak_or_mislead_is_refused(db):
    one = _person(full_name="甲", phone="1")
    one.save()
    with pytest.raises(FieldError, match="blind index"):
        Person.objects.filter(full_name="甲").exists()
    with pytest.raises(TypeError, match="with its row only"), transactions.opened():
        Person.objects.update(full_name="乙")
    with pytest.raises(TypeError, match="used as text"):
        str(Person.objects.values_list("full_name", flat=True)[0])
    with pytest.raises(ValueError, match="longer than 60"), transactions.opened():
        _person(full_name="长" * 61, phone="9").save()
    with pytest.raises(IntegrityError), transactions.opened():
        _person(full_name=None, phone="9").save()


@pytest.mark.clause("D2")
def test_a_value_copied_to_another_row_or_blanked_is_an_error_and_names_the_field(db):
    one, two = _person(full_name="甲", phone="1"), _person(full_name="乙", phone="2")
    insert([one, two])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE parties_person SET full_name = %s WHERE id = %s", [_stored(one.pk, "full_name"), two.pk])
        cursor.execute("UPDATE parties_person SET phone = '' WHERE id = %s", [two.pk])
    moved = Person.objects.get(pk=two.pk)
    with pytest.raises(SealBroken, match=rf"parties\.person\.full_name（{two.uuid}）"):
        _ = moved.full_name
    with pytest.raises(SealBroken, match=r"parties\.person\.phone"):
        _ = moved.phone


@pytest.mark.clause("D2")
def test_the_blind_index_finds_every_writing_of_a_number_and_tells_nothing(db):
    _person(full_name="甲", phone="138 1234-5678", email="A@b.CN").save()
    _person(full_name="乙", phone="").save()

    def found(name, text):
        return Person.objects.filter(**{f"{name}__in": crypto.digests(Person, name, text)}).count()

    assert found("phone_index", "13812345678") == found("phone_index", "１３８１２３４５６７８") == 1
    assert found("email_index", "a@B.cn") == 1
    assert found("phone_index", "13812345679") == found("phone_index", "") == 0
    phone, email = (crypto.digests(Person, f"{name}_index", "1")[0] for name in ("phone", "email"))
    assert phone != email  # equal values of two fields are not to be linked


def test_a_changed_value_changes_its_index(db):
    one = _person(full_name="甲", phone="1")
    one.save()
    loaded = Person.objects.get(pk=one.pk)
    loaded.phone = "2"
    loaded.save()
    assert Person.objects.get(phone_index__in=crypto.digests(Person, "phone_index", "2")).pk == one.pk


def test_an_organisations_address_is_sealed(db):
    firm = Organisation.objects.get(pk=parties.organisation().id)
    firm.address = "示例路 1 号"
    firm.save(update_fields=["address"])
    assert Organisation.objects.get(pk=firm.pk).address == "示例路 1 号"
    assert Organisation.objects.filter(address__isnull=True).count() == 0


def test_keys_of_equal_ids_are_told_apart(key_file):
    keyring.make(key_file, clock.now(), algorithm=Cipher.SM4_GCM)
    key = keyring.ring().current(Purpose.FIELDS)
    assert replace(key, secret=bytes(16)).check_value != key.check_value


@pytest.mark.clause("D2")
def test_what_earlier_versions_wrote_is_sealed_once_and_comes_back(db):
    people = [_person(full_name=f"甲{place}", phone=f"1380000{place:04d}") for place in range(5)]
    insert(people)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE parties_person SET full_name = '旧' || id, phone = '1390000' || id, phone_index = ''")
    names = ("full_name", "phone", "phone_index")
    for _ in range(2):  # the second run finds nothing left to do
        migrating._each(apps, "parties.Person", names, migrating._sealed_now)
        for one in Person.objects.filter(pk__in=[person.pk for person in people]):
            assert (one.full_name, one.phone) == (f"旧{one.pk}", f"1390000{one.pk}")
            assert Person.objects.get(phone_index__in=crypto.digests(Person, "phone_index", one.phone)) == one
    migrating._each(apps, "parties.Person", names[::-1], migrating._plain_again)
    assert _stored(people[0].pk, "full_name") == f"旧{people[0].pk}"
    assert _stored(people[0].pk, "phone_index") == ""
