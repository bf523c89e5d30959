"""Columnar criteria answer exactly as a plain reading of the same words does."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.criteria import BIG, FIELDS, criteria, plain_state, subjects
from finmart.kit.criteria import (
    Column,
    CompiledRules,
    Population,
    State,
    UnableToReadCriterion,
    answer_all,
    ladders,
    read_criterion,
    written,
)


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


def together(criteria, subject):
    """What the hard criteria of a rule set say together about one subject."""
    states = {plain_state(one, subject.get(one.field)) for one in criteria if one.is_hard}
    return next((state for state in (State.NOT_MET, State.UNKNOWN) if state in states), State.MET)


@pytest.mark.clause("D7")
@given(
    st.lists(st.lists(criteria(), max_size=6), max_size=6),
    st.lists(subjects, max_size=9),
    st.integers(0, 70),
    st.sampled_from([0, 1, ladders.LONG]),
)
def test_a_whole_population_is_answered_as_each_of_its_members(rule_sets, few, before, short):
    members = [{}] * before + few  # so that those who differ lie on both sides of a word's end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladders, "LONG", short)
        answers = answer_all(rule_sets, Population.of_rows(FIELDS, members))
    for number, rules in enumerate(rule_sets):
        expected = [together(rules, member) for member in members]
        assert answers.flags(answers.met, number).tolist() == [one is State.MET for one in expected]
        assert answers.flags(answers.unknown, number).tolist() == [one is State.UNKNOWN for one in expected]
        assert answers.met_counts[number] == expected.count(State.MET)
        assert answers.unknown_counts[number] == expected.count(State.UNKNOWN)


@pytest.mark.clause("D7")
def test_a_population_of_many_blocks_is_answered_to_its_last_member():
    size = 50_001
    amounts = np.arange(size)
    known = amounts % 7 != 3
    population = Population(size, {"amount": Column.of_cells(amounts, known)})
    rule_sets = [[read_criterion(FIELDS, "amount", "BETWEEN", [100, 49_999])], [], [], []]
    rule_sets[1] = [read_criterion(FIELDS, "place", "EXISTS", [False])]
    rule_sets[2] = [read_criterion(FIELDS, "place", "EQ", ["x"])]
    answers = answer_all(rule_sets, population)
    within = (amounts >= 100) & (amounts <= 49_999) & known
    assert (answers.flags(answers.met, 0) == within).all()
    assert answers.met_counts.tolist() == [int(within.sum()), size, 0, size]
    assert answers.unknown_counts.tolist() == [int((~known).sum()), 0, size, 0]
    assert population.bytes_held == size * (4 + 1)


HOLDS = {
    "GE": lambda cells, low, _: cells >= low,
    "GT": lambda cells, low, _: cells > low,
    "LE": lambda cells, low, _: cells <= low,
    "LT": lambda cells, low, _: cells < low,
    "BETWEEN": lambda cells, low, high: (cells >= low) & (cells <= high),
}
EDGES = [1, 63, 64, 65, 2_047, 2_048, 2_049, 8_191, 8_192, 8_193, 16_385]  # of words, strips and blocks


@pytest.mark.clause("D7")
@settings(max_examples=40)
@given(
    st.sampled_from(EDGES),
    st.sampled_from([2**3, 2**14, 2**30, 2**48, 2**61]),
    st.sampled_from([0.0, 0.6, 1.0]),
    st.integers(0, 300),
    st.integers(0, 2**32),
)
def test_many_thresholds_are_answered_at_every_edge_of_a_block(size, most, known, count, seed):
    chance = np.random.default_rng(seed)
    cells, is_known, everybody = (
        chance.integers(-most, most, size),
        chance.random(size) < known,
        np.ones(size, np.bool_),
    )
    columns = {
        "amount": Column(Column.of_cells(cells, everybody).cells, is_known),  # what is missing may hold anything
        "share": Column.of_cells(np.zeros(size, np.int64), ~everybody, places=6),
    }
    rules, possible = [], [everybody]
    for operator in chance.choice(sorted(HOLDS), count):
        low, high = sorted(int(one) for one in chance.choice(cells, 2) + chance.integers(-1, 2, 2))
        rules.append(read_criterion(FIELDS, "amount", operator, [low, high] if operator == "BETWEEN" else [low]))
        possible.append(HOLDS[operator](cells, low, high) | ~is_known)
    unknown = read_criterion(FIELDS, "share", "GE", ["0.5"])
    answers = answer_all([*([one] for one in rules), rules[:3], [*rules[:3], unknown]], Population(size, columns))
    together = np.all(possible[:4], axis=0)
    decided = is_known if rules else everybody
    for number, expected in enumerate([*possible[1:], together]):
        assert (answers.flags(answers.met, number) == expected & decided).all()
        assert (answers.flags(answers.unknown, number) == expected & ~decided).all()
        assert answers.met_counts[number] == (expected & decided).sum()
        assert answers.unknown_counts[number] == (expected & ~decided).sum()
    assert answers.met_counts[-1] == 0
    assert (answers.flags(answers.unknown, -1) == together).all()


def test_an_empty_population_and_no_rules_are_answered():
    assert answer_all([], Population.of_rows(FIELDS, [{}])).met_counts.size == 0
    assert answer_all([[]], Population.of_rows(FIELDS, [])).met_counts.tolist() == [0]


def test_a_column_holds_what_it_was_given_or_refuses():
    with pytest.raises(UnableToReadCriterion):
        Column.of_values(FIELDS["share"], [Decimal("0.0000001")])
    with pytest.raises(UnableToReadCriterion):
        Column.of_values(FIELDS["amount"], [2**62])
    with pytest.raises(UnableToReadCriterion):
        Column.of_values(FIELDS["letter"], ["X" * 201])
    with pytest.raises(ValueError, match="2 subjects"):
        Population(2, {"amount": Column.of_values(FIELDS["amount"], [1])})


def test_thresholds_beyond_what_a_column_holds_are_answered_too():
    population = Population.of_rows(FIELDS, [{"amount": 5}, {"amount": -127}, {}])
    rules = [
        [read_criterion(FIELDS, "amount", operator, [operand])]
        for operator, operand in (("LE", 10**25), ("GE", -(10**25)), ("GT", 10**25), ("EQ", 300), ("NE", 300))
    ]
    assert answer_all(rules, population).met_counts.tolist() == [2, 2, 0, 0, 2]


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
