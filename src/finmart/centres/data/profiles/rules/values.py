"""Values: judged when they come in, kept as number or content, shown as people read them."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from finmart.centres.data.profiles.rules.months import month_of
from finmart.centres.data.profiles.types import FactKind, FactType, Tie, UnableToRecord
from finmart.kit.money import format_yuan

MOST = Decimal(10) ** 17
MISSING = "暂缺"
MOST_TIES = 100
_INDUSTRY = re.compile(r"[A-Ta-t]?\d{2,4}")
_SHORT = 4
_LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "合伙企业", "经营部", "商行")
_TEN_THOUSAND_YUAN = 1_000_000
_HUNDRED_MILLION_YUAN = 10_000_000_000


def to_columns(kind: FactType, value: object) -> tuple[Decimal | None, Any]:
    """Return (number, content) of a value that comes in. Raises UnableToRecord where it is not of the type's kind."""
    if value is None:
        return None, None
    match kind.kind:
        case FactKind.INTEGER | FactKind.DECIMAL:
            return _number(kind, value), None
        case FactKind.BOOLEAN if isinstance(value, bool):
            return None, value
        case FactKind.DATE if isinstance(value, date):
            return None, value.isoformat()
        case FactKind.TEXT if kind.code == "industry_code" and not _INDUSTRY.fullmatch(str(value).strip()):
            pass
        case FactKind.TEXT if isinstance(value, str) and _is_text(kind, value):
            return None, value
        case FactKind.TIES if isinstance(value, tuple) and all(isinstance(one, Tie) for one in value):
            return None, [_tie(kind, one) for one in value[:MOST_TIES]]
    raise UnableToRecord(f"“{kind.label}”的值“{str(value)[:40]}”不正确", field=kind.code, remedy=_wanted(kind))


def _number(kind: FactType, value: object) -> Decimal:
    try:
        number = Decimal(str(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    fits = number is not None and number.is_finite() and 0 <= number < MOST
    if number is None or not fits or (kind.kind == FactKind.INTEGER and number != number.to_integral_value()):
        raise UnableToRecord(f"“{kind.label}”的值“{str(value)[:40]}”不正确", field=kind.code, remedy=_wanted(kind))
    return number


def _tie(kind: FactType, tie: Tie) -> list[str | None]:
    if (
        not 0 < len(tie.name.strip()) <= 200
        or "\x00" in tie.name
        or (tie.share is not None and not 0 <= tie.share <= 1)
    ):
        raise UnableToRecord(f"“{kind.label}”中“{tie.name[:40]}”不正确", field=kind.code, remedy=_WANTED[kind.kind])
    return [tie.name.strip(), None if tie.share is None else str(tie.share)]


def _is_text(kind: FactType, value: str) -> bool:
    allowed = {code for code, _ in kind.choices}
    return 0 < len(value.strip()) <= 200 and "\x00" not in value and (not allowed or value in allowed)


_WANTED = {
    FactKind.INTEGER: "请填写不小于零的整数",
    FactKind.DECIMAL: "请填写不小于零的数",
    FactKind.BOOLEAN: "请填写是或否",
    FactKind.DATE: "请填写日期，例如 2019-05-06",
    FactKind.TEXT: "请填写 1 至 200 个字",
    FactKind.SERIES: "该项由平台从发票计算，不能填写",
    FactKind.TIES: "每一方请写明名称，占比为 0 至 1 之间的数",
}


def _wanted(kind: FactType) -> str:
    return f"可填：{'、'.join(code for code, _ in kind.choices)}" if kind.choices else _WANTED[kind.kind]


def from_columns(kind: FactType, number: Decimal | None, content: Any) -> Any:
    """Return the value as FactView and KnownValue hold it, None where it is missing."""
    if number is not None:
        return int(number) if kind.kind == FactKind.INTEGER else number.normalize()
    if content is None:
        return None
    if kind.kind == FactKind.DATE:
        return date.fromisoformat(content)
    if kind.kind == FactKind.SERIES:
        return tuple((month, int(fen)) for month, fen in content)
    if kind.kind == FactKind.TIES:
        return tuple(Tie(name, None if share is None else Decimal(str(share))) for name, share in content)
    return content


def shown(kind: FactType, value: Any) -> str:
    """Return the value as people read it: ``500 万元``, ``12.5 %``, ``24 个月``, ``暂缺``."""
    if value is None or value == ():
        return MISSING
    match kind.kind:
        case FactKind.INTEGER | FactKind.DECIMAL:
            return _shown_number(kind, Decimal(value))
        case FactKind.BOOLEAN:
            return "是" if value else "否"
        case FactKind.SERIES:
            return f"{len(value)} 个月，最近 {value[-1][0]}：{yuan(value[-1][1])}"
        case FactKind.TIES:
            return f"{len(value)} {kind.unit}"
        case _:
            return dict(kind.choices).get(value, str(value))


def _shown_number(kind: FactType, value: Decimal) -> str:
    if kind.unit == "元":
        return yuan(int(value))
    if kind.unit == "%":
        return f"{_short(value * 100)} %"
    return f"{_short(value)} {kind.unit}".strip()


def yuan(fen: int) -> str:
    """Return ``12.35 亿元``, ``123.45 万元`` or ``1,234.50 元``."""
    for size, unit in ((_HUNDRED_MILLION_YUAN, "亿元"), (_TEN_THOUSAND_YUAN, "万元")):
        if abs(fen) >= size:
            return f"{_short(Decimal(fen) / size)} {unit}"
    return f"{format_yuan(fen)} 元"


def _short(number: Decimal) -> str:
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def masked(name: str) -> str:
    """Return a name as others than its own firm see it: ``苏州***有限公司``, ``张*``."""
    if len(name) <= _SHORT:
        return name[:1] + "*" * (len(name) - 1)
    ending = next((form for form in _LEGAL_FORMS if name.endswith(form)), "")
    return f"{name[:2]}***{ending}"


def months_between(earlier: date, later: date) -> int:
    """Return the whole months from one day to another, 0 where it is not earlier."""
    months = month_of(later) - month_of(earlier)
    return max(0, months - (later.day < earlier.day))
