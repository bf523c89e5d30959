"""Statements made once: the same rows as their queryset, for every value given."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, DataError, connection
from django.db.models import BigIntegerField, UUIDField

from factories import documents as files
from factories import parties
from finmart.centres.technical.documents import operations as documents_operations
from finmart.centres.technical.documents.models import Grant
from finmart.centres.technical.documents.types import Reader
from finmart.centres.technical.notices.models import Notice
from finmart.centres.technical.parameters.models import Cluster
from finmart.centres.technical.parties.models import Membership, Organisation
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.ids import new_uuid
from finmart.kit.statements import Change, Given, Statement, insert, insert_unless_there, keep_related


def _members() -> Statement[Membership]:
    return Statement(
        lambda: (
            Membership.objects.select_related("organisation", "person")
            .filter(organisation=Given("organisation", BigIntegerField()), valid_to=None)
            .order_by("-pk")
        )
    )


def test_rows_come_with_their_related_rows_in_one_query(db, django_assert_num_queries):
    boss = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON, name="苏州𠮷野有限公司")
    clerk, other = parties.colleague(boss, Role.ENTERPRISE_CLERK), parties.bank()
    statement = _members()
    with django_assert_num_queries(2):
        found, theirs = (statement.all(organisation=one.organisation_id) for one in (boss, other))
        named = [(one.person_id, one.roles, one.organisation.name) for one in found]
    assert named == [
        (clerk.person_id, [Role.ENTERPRISE_CLERK], "苏州𠮷野有限公司"),
        (boss.person_id, [Role.ENTERPRISE_LEGAL_PERSON], "苏州𠮷野有限公司"),
    ]
    assert [one.person_id for one in theirs] == [other.person_id]
    assert found == list(Membership.objects.filter(organisation=boss.organisation_id).order_by("-pk"))


def test_what_is_not_there_is_none_and_what_is_found_may_be_saved(db):
    firm = parties.organisation()
    statement = Statement(lambda: Organisation.objects.filter(uuid=Given("uuid", UUIDField())))
    assert statement.first(uuid=new_uuid()) is None
    found = statement.first(uuid=firm.uuid)
    assert found is not None
    found.name = "改名后的公司"
    found.save(update_fields=["name"])
    assert statement.first(uuid=firm.uuid).name == "改名后的公司"
    with pytest.raises(KeyError):
        statement.first()


def test_a_related_row_that_is_missing_is_none(db, django_assert_num_queries):
    clerk, reader = parties.enterprise(Role.ENTERPRISE_CLERK), parties.person()
    documents_operations.store(
        clerk, name="a.pdf", content=files.PDF, purpose="LICENCE",
        readers=[Reader(person_id=reader.person_id), Reader(clerk.organisation_id)],
    )  # fmt: skip
    granted = Statement(lambda: Grant.objects.select_related("organisation", "person").order_by("pk"))
    with django_assert_num_queries(1):
        assert [(one.organisation is None, one.person is None) for one in granted.all()] == [
            (True, False),
            (False, True),
        ]


def test_a_change_writes_the_named_columns_of_one_row_only(db, django_assert_num_queries):
    boss = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON)
    clerk = parties.colleague(boss, Role.ENTERPRISE_CLERK)
    member = Membership.objects.get(person=clerk.person_id)
    member.roles, member.organisation_id = [Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON], None
    member.valid_to = clock.now()
    change = Change(Membership, "roles", "valid_to")
    with django_assert_num_queries(1):
        change.write(member)
    written = Membership.objects.get(pk=member.pk)
    assert (written.roles, written.valid_to) == (member.roles, member.valid_to)
    assert written.organisation_id == boss.organisation_id
    assert Membership.objects.get(person=boss.person_id).valid_to is None
    with pytest.raises(DatabaseError, match="Membership"):
        change.write(Membership(pk=-1, roles=[]))


def test_rows_kept_with_another_answer_for_all_and_nothing_else(db, django_assert_num_queries):
    boss, other = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON), parties.bank()
    firm = Organisation.objects.get(pk=boss.organisation_id)
    found = _members().all(organisation=firm.pk)
    keep_related(firm, "memberships", found)
    with django_assert_num_queries(0):
        assert list(firm.memberships.all()) == found
    assert firm.memberships.filter(person=other.person_id).count() == 0
    keep_related(firm, "memberships", [])
    assert list(firm.memberships.all()) == []


def test_who_must_be_there_and_is_not_is_an_error(db):
    statement = Statement(lambda: Organisation.objects.filter(uuid=Given("uuid", UUIDField())))
    with pytest.raises(DatabaseError, match="uuid"):
        statement.one(uuid=new_uuid())


def test_threads_share_a_statement_on_connections_of_their_own(committed_database):
    with transactions.opened():
        firms = [parties.organisation() for _ in range(8)]
    statement = Statement(lambda: Organisation.objects.filter(uuid=Given("uuid", UUIDField())))

    def name_of(firm) -> str:
        try:
            return statement.first(uuid=firm.uuid).name
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(name_of, firms)) == [firm.name for firm in firms]


def _notices(person_id, *titles):
    return [
        Notice(person_id=person_id, template="t", title=title, body="b", created_at=clock.now()) for title in titles
    ]


@pytest.mark.parametrize("titles", [["一"], ["一", "二", "三"]])
def test_new_rows_are_inserted_at_once_and_know_their_ids(db, django_assert_num_queries, titles):
    person = parties.person()
    with django_assert_num_queries(1):
        rows = insert(iter(_notices(person.person_id, *titles)))
    assert [Notice.objects.get(pk=row.pk) for row in rows] == rows
    assert [Notice.objects.get(pk=row.pk).title for row in rows] == titles
    assert not rows[0]._state.adding
    with django_assert_num_queries(0):
        assert insert([]) == []


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_too_long_is_refused_and_not_cut(db, number):
    person = parties.person()
    with pytest.raises(DataError), transactions.opened():
        insert(_notices(person.person_id, *["长" * 121] * number))


def test_a_row_whose_key_is_taken_is_not_inserted_and_the_transaction_goes_on(db):
    first, second = (Cluster(code="TWICE", name=name, is_example=True, position=900) for name in ("甲", "乙"))
    assert insert_unless_there(first)
    assert not first._state.adding
    assert not insert_unless_there(second)
    assert second._state.adding
    assert Cluster.objects.get(code="TWICE").name == "甲"
