"""A list in pages: the nearest page for any number an address may hold."""

import pytest
from django.test import RequestFactory

from finmart.ui.paging import SIZE, offset_of, page_of, page_within


@pytest.mark.parametrize(
    ("asked", "number"), [("", 1), ("2", 2), ("3", 3), ("4", 3), ("0", 3), ("-1", 3), ("x", 1), ("9" * 30, 3)]
)
def test_the_nearest_page_is_shown(asked, number):
    page = page_of(RequestFactory().get("/", {"page": asked}), 2 * SIZE + 1)
    assert (page.number, offset_of(page)) == (number, (number - 1) * SIZE)


def test_rows_at_hand_are_cut_and_two_lists_turn_apart():
    request = RequestFactory().get("/", {"drills": "2"})
    rows = list(range(SIZE + 3))
    assert list(page_within(request, rows, parameter="drills")) == rows[SIZE:]
    assert list(page_within(request, rows)) == rows[:SIZE]
    assert offset_of(page_of(request, 0)) == 0
    assert not page_within(request, [])
