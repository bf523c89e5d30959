"""What a criterion is, and which ones are refused: (field, operator, operand, hard or soft)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import TypeAlias

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal

Value: TypeAlias = int | Decimal | str | bool
MOST_OPERANDS = 500
MOST_CHARACTERS = 200
MOST_DIGITS = 30
_BEYOND = 10**MOST_DIGITS


class FieldKind(Code):
    BOOLEAN = "BOOLEAN", "是否"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    TEXT = "TEXT", "代码"


class Operator(Code):
    """BETWEEN includes both ends. EXISTS asks whether there is a value at all and is therefore never unknown."""

    BETWEEN = "BETWEEN", "介于"
    EQ = "EQ", "等于"
    EXISTS = "EXISTS", "有记录"
    GE = "GE", "不低于"
    GT = "GT", "高于"
    IN = "IN", "属于"
    LE = "LE", "不高于"
    LT = "LT", "低于"
    NE = "NE", "不等于"
    NOT_IN = "NOT_IN", "不属于"


class State(IntEnum):
    """The answer of one criterion, as stored in columns of one byte."""

    NOT_MET = 0
    MET = 1
    UNKNOWN = 2


ORDERED = frozenset({Operator.GE, Operator.GT, Operator.LE, Operator.LT, Operator.BETWEEN})
SETS = frozenset({Operator.IN, Operator.NOT_IN})
_NUMERIC = frozenset({FieldKind.INTEGER, FieldKind.DECIMAL})


class UnableToReadCriterion(Refusal):
    """The criterion says nothing that could be answered: wrong field, operator, type or order."""

    code = "UNABLE_TO_READ_CRITERION"


@dataclass(frozen=True, slots=True)
class Field:
    """A value that criteria may ask for. ``choices`` closes the list of texts; empty leaves it open."""

    code: str
    kind: FieldKind
    choices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition. ``operand`` holds one value, both ends for BETWEEN, or the members of a set, sorted."""

    field: str
    operator: Operator
    operand: tuple[Value, ...]
    is_hard: bool = True


def written(operand: Iterable[Value]) -> list[str]:
    """Return an operand as texts that :func:`read_criterion` reads back to the same values."""
    return [str(value).lower() if isinstance(value, bool) else _plain(value) for value in operand]


def _plain(value: int | Decimal | str) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def read_criterion(
    fields: Mapping[str, Field], field: str, operator: str, operand: Iterable[object], *, is_hard: bool = True
) -> Criterion:
    """Return the criterion those words say, its operand typed by the field's kind and sorted where it is a set.

    Raises :class:`UnableToReadCriterion` for an unknown field or operator, a value of another type, an operator
    that does not fit the field, ends in the wrong order, and sets that are empty, too long or hold a value twice.
    """
    known = fields.get(field)
    if known is None:
        raise UnableToReadCriterion(f"没有字段“{field[:40]}”", field="field", remedy="请从字段目录中选择")
    if operator not in Operator.__members__:
        raise UnableToReadCriterion(f"没有运算“{operator[:20]}”", field="operator", remedy="请从列表中选择")
    chosen = Operator(operator)
    if chosen in ORDERED and known.kind not in _NUMERIC:
        raise UnableToReadCriterion("只有数值字段可以比较大小", field="operator", remedy="请改用等于或属于")
    values = list(operand)
    if len(values) > MOST_OPERANDS:
        raise UnableToReadCriterion(f"取值不能超过 {MOST_OPERANDS} 个", field="operand")
    kind = FieldKind.BOOLEAN if chosen is Operator.EXISTS else known.kind
    typed = [_choice_of(known, normal_value(kind, value)) for value in values]
    return Criterion(field, chosen, _arranged(chosen, typed), is_hard)


def _arranged(operator: Operator, values: list[Value]) -> tuple[Value, ...]:
    if operator in SETS:
        if not values or len(set(values)) < len(values):
            raise UnableToReadCriterion("取值列表不能为空，也不能重复", field="operand")
        return tuple(sorted(values, key=lambda value: (str(type(value)), value)))
    wanted = 2 if operator is Operator.BETWEEN else 1
    if len(values) != wanted:
        raise UnableToReadCriterion(f"“{operator.label}”需要 {wanted} 个取值", field="operand")
    if operator is Operator.BETWEEN and values[0] > values[1]:  # type: ignore[operator]  # both numbers, see ORDERED
        raise UnableToReadCriterion("区间的下限不能大于上限", field="operand")
    return tuple(values)


def _choice_of(field: Field, value: Value) -> Value:
    if field.choices and isinstance(value, str) and value not in field.choices:
        raise UnableToReadCriterion(f"“{value[:40]}”不是该字段的取值", field="operand", remedy="请从列表中选择")
    return value


def normal_value(kind: FieldKind, value: object) -> Value:
    """Return a value in the field's own type: int, Decimal, bool or str. Raises UnableToReadCriterion.

    Texts of numbers are read exactly; a float is taken as the shortest decimal that names it (0.1 is 0.1).
    """
    match kind:
        case FieldKind.BOOLEAN:
            return _boolean(value)
        case FieldKind.TEXT:
            if not isinstance(value, str) or not value or len(value) > MOST_CHARACTERS or "\x00" in value:
                raise UnableToReadCriterion(f"取值应为 1 至 {MOST_CHARACTERS} 个字符的代码", field="operand")
            return value
        case FieldKind.INTEGER:
            if type(value) is int and abs(value) < _BEYOND:  # what most facts are, without the way through Decimal
                return value
            number = _number(value)
            if number != number.to_integral_value():
                raise UnableToReadCriterion(f"“{number}”不是整数", field="operand", remedy="请填写整数")
            return int(number)
        case FieldKind.DECIMAL:
            return _number(value)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    raise UnableToReadCriterion("取值应为“是”或“否”", field="operand")


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise UnableToReadCriterion("取值应为数字", field="operand")
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, Decimal) else value
    except InvalidOperation as error:
        raise UnableToReadCriterion(f"“{str(value)[:40]}”不是数字", field="operand") from error
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > MOST_DIGITS:
        raise UnableToReadCriterion("数字超出可比较的范围", field="operand")
    return number
