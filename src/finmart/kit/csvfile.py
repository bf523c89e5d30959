"""A table as a CSV file that spreadsheet programs open as what it is: text, readable in Chinese, no formula run."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page


def neutral(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula: what could be one gets an apostrophe in front."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file (UTF-8 with mark, CRLF); None is an empty cell."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    for row in (headings, *rows):
        writer.writerow(["" if cell is None else neutral(str(cell)) for cell in row])
    return (_MARK + kept.getvalue()).encode()
