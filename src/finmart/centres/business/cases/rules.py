"""Numbers and texts of cases."""

import re
from datetime import date

from finmart.centres.business.cases.types import LONGEST_TEXT
from finmart.kit.errors import Refusal

LONGEST_TITLE = 200
_SERIES = re.compile(r"^[A-Z]{1,8}$")


def number_of(series: str, day: date, position: int) -> str:
    """Return ``SZ20200302-000123``: series, day, position of the day from 1."""
    if not _SERIES.match(series):
        raise ValueError(f"{series!r} is not one to eight capital letters")
    return f"{series}{day:%Y%m%d}-{position:06d}"


def clean_text(text: str, *, field: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text without outer spaces; refuse an empty or over-long one and the character no database keeps."""
    cleaned = text.strip()
    if not cleaned:
        raise Refusal("内容不能为空", field=field, remedy="请填写内容后再提交")
    if len(cleaned) > longest or "\x00" in cleaned:
        raise Refusal(f"内容过长或含有无效字符（最多 {longest} 字）", field=field, remedy="请精简后再提交")
    return cleaned
