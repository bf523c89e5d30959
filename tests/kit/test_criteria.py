"""Columnar criteria answer exactly as a plain reading of the same words does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmart.kit.criteria import (
    CompiledRules,
    Field,
    FieldKind,
    Operator,
    State,
    UnableToReadCriterion,
    read_criterion,
    written,
)

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


@pytest.mark.clause("D7")
@given(st.lists(st.lists(criteria(), max_size=6), max_size=8), subjects)
def test_columns_answer_as_the_plain_words_do(rule_sets, subject):
    rules = CompiledRules(FIELDS, rule_sets)
    answered = rules.evaluate(subject)
    flat = [criterion for one in rule_sets for criterion in one]
    assert answered.states.tolist() == [plain_state(c, subject.get(c.field)) for c in flat]
    assert [answered.seen_by(place) for place in range(len(flat))] == [subject.get(c.field) for c in flat]
    tally = rules.tally(answered)
    for number, one in enumerate(rule_sets):
        states = [(c.is_hard, plain_state(c, subject.get(c.field))) for c in one]
        assert tally.hard_not_met[number] == states.count((True, 0))
        assert tally.hard_unknown[number] == states.count((True, 2))
        assert tally.soft_not_met[number] == states.count((False, 0))
        assert tally.soft_unknown[number] == states.count((False, 2))


@given(criteria())
def test_a_criterion_written_down_reads_back_the_same(criterion):
    texts = written(criterion.operand)
    assert all(isinstance(text, str) for text in texts)
    again = read_criterion(FIELDS, criterion.field, criterion.operator, texts, is_hard=criterion.is_hard)
    assert again == criterion


def test_numbers_beyond_floats_are_told_apart():
    rules = CompiledRules(FIELDS, [[read_criterion(FIELDS, "amount", "GT", [BIG])]])
    assert rules.evaluate({"amount": BIG + 1}).states.tolist() == [State.MET]
    assert rules.evaluate({"amount": BIG}).states.tolist() == [State.NOT_MET]
    shares = CompiledRules(FIELDS, [[read_criterion(FIELDS, "share", "LE", ["0.3"])]])
    assert shares.evaluate({"share": Decimal("0.1") + Decimal("0.2")}).states.tolist() == [State.MET]
    assert shares.evaluate({"share": 0.30000000000000004}).states.tolist() == [State.NOT_MET]


def test_zero_is_a_value_and_missing_is_not():
    rules = CompiledRules(FIELDS, [[read_criterion(FIELDS, "amount", "LE", [3])]])
    assert rules.evaluate({"amount": 0}).states.tolist() == [State.MET]
    assert rules.evaluate({}).states.tolist() == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("field", "operator", "operand", "where"),
    [
        ("nothing", "GE", [1], "field"),
        ("amount", "LIKE", [1], "operator"),
        ("letter", "GE", ["A"], "operator"),
        ("flag", "LT", [True], "operator"),
        ("amount", "GE", ["1.5"], "operand"),
        ("amount", "GE", ["many"], "operand"),
        ("amount", "GE", [True], "operand"),
        ("amount", "GE", [], "operand"),
        ("amount", "GE", [1, 2], "operand"),
        ("amount", "BETWEEN", [2, 1], "operand"),
        ("amount", "IN", [], "operand"),
        ("share", "IN", ["0.1", "0.10"], "operand"),
        ("share", "GE", ["NaN"], "operand"),
        ("share", "GE", ["1e999999"], "operand"),
        ("letter", "EQ", ["X"], "operand"),
        ("place", "EQ", ["x" * 10_000], "operand"),
        ("flag", "EQ", ["yes"], "operand"),
        ("amount", "EXISTS", [1], "operand"),
        ("amount", "IN", list(range(1000)), "operand"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_place(field, operator, operand, where):
    with pytest.raises(UnableToReadCriterion) as refusal:
        read_criterion(FIELDS, field, operator, operand)
    assert refusal.value.field == where


def test_a_value_of_another_kind_is_refused():
    rules = CompiledRules(FIELDS, [[read_criterion(FIELDS, "amount", "GE", [1])]])
    with pytest.raises(UnableToReadCriterion):
        rules.evaluate({"amount": "plenty"})
