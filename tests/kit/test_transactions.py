"""What an opened transaction gathers and remembers: written once, at its end, undone with its savepoint."""

import pytest
from django.db import connection, transaction

from finmart.kit import transactions

pytestmark = pytest.mark.django_db


def _fail_after(write, row):
    transactions.gather(write, row)
    raise ValueError("no")


class Writer:
    def __init__(self):
        self.calls = []

    def write(self, rows):
        self.calls.append(list(rows))


def test_rows_of_one_kind_are_written_together_just_before_the_end():
    writer = Writer()
    with transactions.opened():
        transactions.gather(writer.write, 1)
        with transactions.opened():
            transactions.gather(writer.write, 2)
        assert writer.calls == []
    assert writer.calls == [[1, 2]]


def test_rows_of_a_failed_savepoint_are_gone_and_those_before_it_stay():
    writer = Writer()
    with transactions.opened():
        transactions.gather(writer.write, "kept")
        with pytest.raises(ValueError, match="no"), transactions.opened():
            _fail_after(writer.write, "undone")
        transactions.gather(writer.write, "after")
    assert writer.calls == [["kept", "after"]]


def test_a_failed_transaction_writes_nothing_and_leaves_nothing_to_the_next():
    writer = Writer()
    with pytest.raises(ValueError, match="no"), transactions.opened():
        _fail_after(writer.write, transactions.remembered("key", lambda: 1))
    with transactions.opened():
        assert transactions.remembered("key", lambda: 2) == 2
    assert writer.calls == []


def test_last_rows_wait_for_those_that_writing_adds():
    trail = Writer()

    def write(rows):
        for row in rows:
            transactions.gather(trail.write, f"wrote {row}", is_last=True)

    with transactions.opened():
        transactions.gather(trail.write, "first", is_last=True)
        transactions.gather(write, "line")
    assert trail.calls == [["first", "wrote line"]]


def test_without_an_edge_rows_are_written_at_once_and_nothing_is_remembered():
    writer, read = Writer(), iter([1, 2])
    with transaction.atomic():
        transactions.gather(writer.write, 1)
        assert writer.calls == [[1]]
        assert [transactions.remembered("key", lambda: next(read)) for _ in range(2)] == [1, 2]


def test_what_was_read_is_read_again_when_it_was_written_or_a_savepoint_failed():
    read = iter([1, 2, 3])

    def seen():
        return transactions.remembered("key", lambda: next(read))

    with transactions.opened():
        assert [seen(), seen()] == [1, 1]
        transactions.forget("key")
        assert [seen(), seen()] == [2, 2]
        with pytest.raises(ValueError, match="no"), transactions.opened():
            raise ValueError("no")
        assert seen() == 3


def _nested_loops():
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        return cursor.fetchone()[0]


def _fail_among_many_rows():
    with transactions.opened(), transactions.many_rows():
        raise ValueError("no")


def test_many_rows_are_joined_without_nested_loops_and_only_they():
    with transactions.many_rows():
        assert _nested_loops() == "off"
    assert _nested_loops() == "on"
    with pytest.raises(ValueError, match="no"):
        _fail_among_many_rows()
    assert _nested_loops() == "on"
