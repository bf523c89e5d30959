"""Random criteria and subjects over five fields, and what the words say without columns."""

from decimal import Decimal

from hypothesis import strategies as st

from finmart.kit.criteria import Field, FieldKind, Operator, State, read_criterion

FIELDS = {
    field.code: field
    for field in (
        Field("amount", FieldKind.INTEGER),
        Field("share", FieldKind.DECIMAL),
        Field("letter", FieldKind.TEXT, frozenset("ABMCD")),
        Field("place", FieldKind.TEXT),
        Field("flag", FieldKind.BOOLEAN),
    )
}
NUMERIC = ("amount", "share")
BIG = 2**53


def plain_state(criterion, value):
    """What the words say, without columns."""
    operator, operand = criterion.operator, criterion.operand
    if operator is Operator.EXISTS:
        return int((value is not None) == operand[0])
    if value is None:
        return State.UNKNOWN
    first = operand[0]
    answers = {
        Operator.GE: lambda: value >= first,
        Operator.GT: lambda: value > first,
        Operator.LE: lambda: value <= first,
        Operator.LT: lambda: value < first,
        Operator.EQ: lambda: value == first,
        Operator.NE: lambda: value != first,
        Operator.IN: lambda: any(value == one for one in operand),
        Operator.NOT_IN: lambda: all(value != one for one in operand),
        Operator.BETWEEN: lambda: first <= value <= operand[1],
    }
    return int(answers[operator]())


integers = st.integers(-5, 5) | st.integers(BIG - 3, BIG + 3)
decimals = st.decimals(-2, 2, places=2) | st.sampled_from([Decimal("0.1"), Decimal("0.10"), Decimal("0.3")])
values = {
    "amount": integers,
    "share": decimals,
    "letter": st.sampled_from("ABMCD"),
    "place": st.sampled_from(["320505", "320506", "𠮷"]),
    "flag": st.booleans(),
}


@st.composite
def criteria(draw):
    field = draw(st.sampled_from(sorted(FIELDS)))
    ordered = [Operator.GE, Operator.GT, Operator.LE, Operator.LT, Operator.BETWEEN] if field in NUMERIC else []
    operator = draw(
        st.sampled_from([*ordered, Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN, Operator.EXISTS])
    )
    if operator is Operator.EXISTS:
        operand = [draw(st.booleans())]
    elif operator in {Operator.IN, Operator.NOT_IN}:
        operand = draw(st.lists(values[field], min_size=1, max_size=4, unique=True))
    elif operator is Operator.BETWEEN:
        operand = sorted([draw(values[field]), draw(values[field])])
    else:
        operand = [draw(values[field])]
    return read_criterion(FIELDS, field, operator, operand, is_hard=draw(st.booleans()))


subjects = st.fixed_dictionaries({}, optional={code: st.none() | drawn for code, drawn in values.items()})
