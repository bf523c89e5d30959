"""Lists written as PostgreSQL reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finmart.kit.arrays import as_array


class Colour(StrEnum):
    RED = "RED"


NO_NUL = st.characters(codec="utf-8", exclude_characters="\0")
KINDS = {
    "bigint[]": st.integers(-(2**63), 2**63 - 1),
    "boolean[]": st.booleans(),
    "bytea[]": st.binary(max_size=20),
    "date[]": st.dates(date(1, 1, 1), date(9999, 12, 31)),
    "float8[]": st.floats(allow_nan=False),
    "numeric[]": st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
    "text[]": st.text(NO_NUL, max_size=30),
    "timestamptz[]": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis wants naive bounds
    "uuid[]": st.uuids(),
}


def _back(kind: str, values: list[object]) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}", [as_array(values)])
        return [bytes(one) if isinstance(one, memoryview) else one for one in cursor.fetchone()[0]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_what_the_server_reads(db, kind):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.none() | KINDS[kind], max_size=6))
    def holds(values: list[object]) -> None:
        assert _back(kind, values) == values

    holds()


@pytest.mark.parametrize(
    "text", ["", "NULL", "null", "{}", "a,b", '"', "\\", " x ", "𠮷", "'; DROP TABLE x; --", "\n\t"]
)
def test_texts_that_look_like_something_else_stay_texts(db, text):
    assert _back("text[]", [text, None]) == [text, None]


def test_what_is_nearly_a_known_kind_is_written_as_it(db):
    assert _back("text[]", [Colour.RED]) == ["RED"]
    content = {"甲": [1, 'a"b\\c', None], "n": {"x": 1.5}}
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb[])[1] -> '甲' ->> 1", [as_array([content])])
        assert cursor.fetchone() == ('a"b\\c',)


def test_what_postgresql_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="NUL"):
        as_array(["a\0b"])
    with pytest.raises(TypeError, match="complex"):
        as_array([1j])


def test_an_exact_number_stays_exact(db):
    assert _back("numeric[]", [Decimal("0.10")]) == [Decimal("0.10")]
    assert as_array([UUID(int=0), 1]) == "{00000000-0000-0000-0000-000000000000,1}"
