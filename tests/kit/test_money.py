"""Amounts: read to the fen or refused, written as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmart.kit.errors import Refusal
from finmart.kit.money import MOST_FEN, format_yuan, in_capitals, parse_yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [("500000", 50_000_000), (" 1,000.50 ", 100_050), ("0.01", 1), ("¥12.3", 1230), ("1.500", 150), ("１２", 1200)],
)
def test_an_amount_is_read_to_the_fen(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    ["0", "-5", "0.00", "1.001", "0.123456789012", "", "abc", "1e9", "9" * 18, "1.2.3", "NaN", "Infinity"],
)
def test_what_is_no_amount_is_refused_with_the_field(text):
    with pytest.raises(Refusal) as refused:
        parse_yuan(text, field="amount")
    assert refused.value.field == "amount"
    assert refused.value.remedy


@given(st.integers(1, MOST_FEN))
def test_what_is_written_reads_back(fen):
    assert parse_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (1_000_000, "壹万元整"),
        (1_001_000, "壹万零壹拾元整"),
        (10_000_000_000, "壹亿元整"),
        (10_001_000_000, "壹亿零壹万元整"),
        (123_456_789, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        (-150, "负壹元伍角整"),
    ],
)
def test_capitals(fen, capitals):
    assert in_capitals(fen) == capitals
