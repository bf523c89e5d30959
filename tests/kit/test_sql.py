"""Short statements share the cursor of their transaction, and nothing of an answer is lost by that."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from finmart.kit import sql


def _cursors_made(monkeypatch):
    made = []
    original = connection.create_cursor

    def counted(name=None):
        made.append(original(name))
        return made[-1]

    monkeypatch.setattr(connection, "create_cursor", counted)
    return made


@pytest.mark.django_db
def test_statements_of_a_transaction_share_one_cursor(monkeypatch):
    sql.rows("SELECT 1")
    made = _cursors_made(monkeypatch)
    assert sql.rows("SELECT %s::int, %s::text", [1, "一"]) == [(1, "一")]
    assert sql.rows("SELECT %(at)s::uuid IS NULL", {"at": None}) == [(True,)]
    assert made == []


@pytest.mark.django_db
def test_an_answer_outlives_the_next_statement():
    first = sql.rows("SELECT generate_series(1, 3)")
    sql.rows("SELECT 'later'")
    assert first == [(1,), (2,), (3,)]


@pytest.mark.django_db
def test_rows_changed_are_counted():
    sql.changed("CREATE TEMPORARY TABLE counted (number int) ON COMMIT DROP")
    assert sql.changed("INSERT INTO counted VALUES (1), (2), (3)") == 3
    assert sql.changed("UPDATE counted SET number = 0 WHERE number > %s", [1]) == 2
    assert sql.changed("DELETE FROM counted WHERE number = 9") == 0


@pytest.mark.django_db
def test_a_long_answer_is_not_held(monkeypatch):
    made = _cursors_made(monkeypatch)
    assert len(sql.rows("SELECT generate_series(1, %s)", [sql.MOST_ROWS_HELD + 1])) == sql.MOST_ROWS_HELD + 1
    before = len(made)
    sql.rows("SELECT 1")
    assert len(made) == before + 1


@pytest.mark.django_db
def test_a_refused_statement_spoils_nothing_beyond_its_savepoint():
    with pytest.raises(DatabaseError), transaction.atomic():
        sql.rows("SELECT 1 / 0")
    assert sql.rows("SELECT 2") == [(2,)]


@pytest.mark.django_db
def test_who_counts_statements_sees_these_too():
    sql.rows("SELECT 1")
    with CaptureQueriesContext(connection) as told:
        sql.rows("SELECT 'counted'")
    sql.rows("SELECT 'after'")
    assert [one["sql"] for one in told] == ["SELECT 'counted'"]


@pytest.mark.usefixtures("committed_database")
def test_a_new_session_gets_a_new_cursor():
    with transaction.atomic():
        before = sql.rows("SELECT pg_backend_pid()")
    connection.close()
    with transaction.atomic():
        assert sql.rows("SELECT pg_backend_pid()") != before
