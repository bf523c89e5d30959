"""A CSV file opens as text: with a mark for UTF-8 and without a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from finmart.kit.csvfile import csv_bytes, neutral


def test_formulas_are_neutralised_and_plain_text_stays():
    assert neutral("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert neutral("  @SUM(A1)") == "'  @SUM(A1)"
    assert neutral("苏州某某公司") == "苏州某某公司"
    assert csv_bytes(["甲"], [[None], ["-1+1"]]).decode() == '\ufeff甲\r\n""\r\n\'-1+1\r\n'


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_no_cell_begins_like_a_formula_and_none_is_lost(rows):
    read = list(csv.reader(io.StringIO(csv_bytes(["a", "b"], rows).decode("utf-8-sig"), newline="")))
    assert len(read) == len(rows) + 1
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in read for cell in row)
