"""Criteria that cannot be met together are found, and only those."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.criteria import FIELDS, criteria, plain_state, values
from finmart.kit.criteria import contradiction, read_criterion


def _asked(*words):
    return [read_criterion(FIELDS, *one) for one in words]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([("amount", "GE", [10]), ("amount", "LT", [10])], 2),
        ([("amount", "GT", [1]), ("amount", "LT", [2])], 2),
        ([("share", "GT", ["0.1"]), ("share", "LT", ["0.2"])], 0),
        ([("amount", "GE", [5]), ("amount", "LE", [5])], 0),
        ([("amount", "GE", [5]), ("amount", "LE", [5]), ("amount", "NE", [5])], 3),
        ([("letter", "IN", ["A", "B"]), ("letter", "IN", ["C", "D"])], 2),
        ([("letter", "NOT_IN", list("ABMCD"))], 1),
        ([("place", "NE", ["320505"]), ("place", "NE", ["320506"])], 0),
        ([("flag", "NE", [True]), ("flag", "NE", [False])], 2),
        ([("amount", "EXISTS", [False])], 0),
        ([("amount", "EXISTS", [False]), ("amount", "GE", [1])], 2),
        ([("amount", "GE", [10]), ("share", "LT", ["0"])], 0),
    ],
)
def test_what_nobody_can_meet_is_named(words, found):
    assert len(contradiction(_asked(*words), FIELDS)) == found


def test_soft_criteria_may_disagree():
    soft = [read_criterion(FIELDS, "amount", word, [3], is_hard=False) for word in ("GT", "LT")]
    assert contradiction(soft, FIELDS) == ()


@given(st.lists(criteria(), max_size=4), st.data())
def test_what_somebody_meets_is_no_contradiction(asked, draw):
    hard = [one for one in asked if one.is_hard]
    someone = {code: draw.draw(st.none() | one) for code, one in values.items()}
    if all(plain_state(one, someone[one.field]) == 1 for one in hard):
        assert contradiction(asked, FIELDS) == ()
