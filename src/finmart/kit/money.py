"""Amounts of money as whole fen (1/100 yuan), their reading and writing in Chinese."""

import re
from decimal import Decimal

from finmart.kit.errors import Refusal

FEN_PER_YUAN = 100
MOST_FEN = 10**17  # a thousand times the country's yearly product; keeps sums inside a bigint
_AMOUNT = re.compile(r"^[+-]?\d{1,18}(\.\d+)?$")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def parse_yuan(text: str, *, field: str = "") -> int:
    """Return the fen of an amount written in yuan (``1,000.50``); refuse what is not one to the fen.

    Raises :class:`Refusal` for text that is no number, more than two decimals, zero, negative or absurd amounts.
    """
    cleaned = text.strip().replace(",", "").replace("，", "").replace("¥", "")
    if not _AMOUNT.match(cleaned):
        raise Refusal(f"“{text[:40]}”不是有效金额", field=field, remedy="请填写数字，例如 500000 或 500000.00")
    fen = Decimal(cleaned) * FEN_PER_YUAN
    if fen != fen.to_integral_value():
        raise Refusal("金额最多两位小数", field=field, remedy="请精确到分")
    if fen <= 0:
        raise Refusal("金额必须大于零", field=field, remedy="请填写大于零的金额")
    if fen > MOST_FEN:
        raise Refusal("金额超出可受理范围", field=field, remedy="请核对金额单位是否为元")
    return int(fen)


def format_yuan(fen: int) -> str:
    """Return ``1,234.50`` for 123450 fen."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // FEN_PER_YUAN:,}.{abs(fen) % FEN_PER_YUAN:02d}"


def _group_in_capitals(number: int) -> str:
    text = ""
    for place, digit in enumerate(reversed(f"{number:04d}")):
        text = (_DIGITS[int(digit)] + _PLACES[place] if digit != "0" else "零") + text
    return re.sub("零+", "零", text).rstrip("零") if number else "零"


def in_capitals(fen: int) -> str:
    """Return the amount in formal capitals (金额大写), as contracts and forms require: 壹仟元整."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    groups: list[str] = []
    position = 0
    remaining = yuan
    while remaining:
        remaining, group = divmod(remaining, 10_000)
        groups.append(_group_in_capitals(group) + (_GROUPS[position] if group else ""))
        position += 1
    text = re.sub("零+", "零", "".join(reversed(groups))).strip("零") or "零"
    jiao, fen_left = divmod(rest, 10)
    tail = (f"{_DIGITS[jiao]}角" if jiao else ("零" if fen_left and yuan else "")) + (
        f"{_DIGITS[fen_left]}分" if fen_left else ""
    )
    whole = f"{text}元" if yuan or not rest else ""
    return ("负" if fen < 0 else "") + whole + (tail if fen_left else tail + "整")
