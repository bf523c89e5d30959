"""What a value of each kind looks like: in a pack, in the database, in a form."""

from decimal import Decimal, InvalidOperation

from finmart.centres.technical.parameters.types import SettingKind, SettingValue, UnableToSet

LONGEST_TEXT = 2_000
LARGEST_INTEGER = 2**63 - 1


def from_stored(kind: SettingKind, stored: object) -> SettingValue:
    """Return the value of what a pack or the database holds. Raises UnableToSet where it is of another kind."""
    if kind is SettingKind.DECIMAL and isinstance(stored, str):
        return _decimal(stored)
    if kind is SettingKind.TEXTS and isinstance(stored, list) and all(isinstance(text, str) for text in stored):
        return tuple(stored)
    plain = {SettingKind.BOOLEAN: bool, SettingKind.INTEGER: int, SettingKind.TEXT: str}.get(kind)
    if plain is not None and type(stored) is plain:
        return stored  # type: ignore[return-value]  # its exact type was just compared
    raise UnableToSet(f"“{str(stored)[:40]}”不是{kind.label}", field="value")


def to_stored(value: SettingValue) -> object:
    """Return the JSON value under which ``value`` is kept."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return list(value) if isinstance(value, tuple) else value


def parse(kind: SettingKind, text: str) -> SettingValue:
    """Return the value a person wrote in a form. Raises UnableToSet with what is expected."""
    cleaned = text.strip()
    if kind is SettingKind.BOOLEAN:
        if cleaned not in {"是", "否", "true", "false"}:
            raise UnableToSet("请选择“是”或“否”", field="value")
        return cleaned in {"是", "true"}
    if kind is SettingKind.INTEGER:
        return _integer(cleaned)
    if kind is SettingKind.DECIMAL:
        return _decimal(cleaned)
    if not cleaned or len(cleaned) > LONGEST_TEXT or "\x00" in cleaned:
        raise UnableToSet(f"内容不能为空，且不超过 {LONGEST_TEXT} 字", field="value")
    if kind is SettingKind.TEXTS:
        return tuple(part.strip() for part in cleaned.replace("，", "、").split("、") if part.strip())
    return cleaned


def check(
    kind: SettingKind, value: SettingValue, *, minimum: Decimal | None = None, maximum: Decimal | None = None
) -> None:
    """Raise UnableToSet unless ``value`` is of the setting's kind and within its bounds."""
    from_stored(kind, to_stored(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return
    if minimum is not None and value < minimum:
        raise UnableToSet(f"不能小于 {minimum.normalize():f}", field="value", remedy="法定或设计下限，见来源一栏")
    if maximum is not None and value > maximum:
        raise UnableToSet(f"不能大于 {maximum.normalize():f}", field="value", remedy="法定或设计上限，见来源一栏")


def _integer(text: str) -> int:
    try:
        number = int(text) if text.isascii() and "_" not in text else None
    except ValueError:
        number = None
    if number is None or abs(number) > LARGEST_INTEGER:
        raise UnableToSet("请填写整数", field="value", remedy="例如 5")
    return number


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14 or number != round(number, 6):
        raise UnableToSet("请填写数字，最多六位小数", field="value", remedy="例如 0.10")
    return number


def bound(text: str | None) -> Decimal | None:
    """Return a minimum or maximum as a pack writes it, or None."""
    return None if text is None else _decimal(text)
