"""Conditions: comparisons and arithmetic over the variables of a case, and nothing else.

The text is parsed by Python's grammar and walked by a whitelist; it is never evaluated by Python. A name that holds
nothing is None, and None is neither smaller nor larger than a number: such a comparison is refused.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from finmart.kit.errors import Refusal

LONGEST = 500
DEEPEST = 40

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg}
_NUMBERS = (int, float)
_Walk = Callable[[Mapping[str, Any]], Any]


class UnableToRead(Refusal):
    """A model, a table or a condition that cannot be used; ``message`` names the place."""

    code = "UNABLE_TO_READ"


class UnableToDecide(Refusal):
    """A condition that has no answer for the variables of this case."""

    code = "UNABLE_TO_DECIDE"


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition; ``names`` are the variables it reads."""

    text: str
    names: frozenset[str]
    walk: _Walk

    def value(self, variables: Mapping[str, Any]) -> Any:
        """Return what the expression yields. Raises UnableToDecide where a value is missing or of another type."""
        try:
            return self.walk(variables)
        except (TypeError, ZeroDivisionError, OverflowError) as error:
            missing = sorted(name for name in self.names if variables.get(name) is None)
            reason = f"缺少 {'、'.join(missing)}" if missing else "类型不符"
            raise UnableToDecide(f"条件“{self.text}”无法判断：{reason}", remedy="请补齐数据后重试") from error


def compile_expression(text: str) -> Expression:
    """Return the compiled condition. Raises UnableToRead for anything outside the whitelist."""
    cleaned = text.strip()
    if not cleaned or len(cleaned) > LONGEST:
        raise UnableToRead(f"条件为空或超过 {LONGEST} 个字符：{cleaned[:40]}")
    try:
        tree = ast.parse(cleaned, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnableToRead(f"条件“{cleaned}”不是合法的表达式") from error
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Expression(cleaned, names, _compile(tree, cleaned, 0))


def _compile(node: ast.expr, text: str, depth: int) -> _Walk:
    if depth > DEEPEST:
        raise UnableToRead(f"条件“{text[:60]}”嵌套过深")
    build = _BUILDERS.get(type(node))
    if build is None:
        raise UnableToRead(f"条件“{text}”使用了不允许的写法（{type(node).__name__}）")
    return build(node, text, depth + 1)


def _constant(node: ast.Constant, text: str, _depth: int) -> _Walk:
    value = node.value
    if not (value is None or isinstance(value, str | int | float | bool)):
        raise UnableToRead(f"条件“{text}”含不允许的常量")
    return lambda _: value


def _name(node: ast.Name, _text: str, _depth: int) -> _Walk:
    name = {"true": True, "false": False, "null": None}.get(node.id, node.id)
    if name is None or isinstance(name, bool):
        return lambda _: name
    return lambda variables: variables.get(name)


def _listed(node: ast.List | ast.Tuple, text: str, depth: int) -> _Walk:
    parts = [_compile(part, text, depth) for part in node.elts]
    return lambda variables: [part(variables) for part in parts]


def _bool(node: ast.BoolOp, text: str, depth: int) -> _Walk:
    parts = [_compile(part, text, depth) for part in node.values]
    if isinstance(node.op, ast.And):
        return lambda variables: all(part(variables) for part in parts)
    return lambda variables: any(part(variables) for part in parts)


def _unary(node: ast.UnaryOp, text: str, depth: int) -> _Walk:
    act = _UNARY.get(type(node.op))
    if act is None:
        raise UnableToRead(f"条件“{text}”使用了不允许的运算")
    inner = _compile(node.operand, text, depth)
    return lambda variables: act(inner(variables))


def _binary(node: ast.BinOp, text: str, depth: int) -> _Walk:
    act = _ARITHMETIC.get(type(node.op))
    if act is None:
        raise UnableToRead(f"条件“{text}”使用了不允许的运算")
    left, right = _compile(node.left, text, depth), _compile(node.right, text, depth)

    def walk(variables: Mapping[str, Any]) -> Any:
        a, b = left(variables), right(variables)
        if not (isinstance(a, _NUMBERS) and isinstance(b, _NUMBERS)):
            raise TypeError
        return act(a, b)

    return walk


def _compare(node: ast.Compare, text: str, depth: int) -> _Walk:
    operands = [_compile(part, text, depth) for part in (node.left, *node.comparators)]
    acts = [_COMPARE[type(op)] for op in node.ops]

    def walk(variables: Mapping[str, Any]) -> bool:
        left = operands[0](variables)
        for act, operand in zip(acts, operands[1:], strict=True):
            right = operand(variables)
            if not act(left, right):
                return False
            left = right
        return True

    return walk


_BUILDERS: dict[type[ast.expr], Callable[[Any, str, int], _Walk]] = {
    ast.BinOp: _binary,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.List: _listed,
    ast.Name: _name,
    ast.Tuple: _listed,
    ast.UnaryOp: _unary,
}
