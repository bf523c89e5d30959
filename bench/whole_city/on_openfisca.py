"""OpenFisca on the same rules: each product a variable of the firm, its formula the criteria in plain NumPy.

Facts are given as the whole numbers ours sees, with a flag where one is missing, so that its 32-bit integers hold
them exactly. Every criterion costs it one or two comparisons and three boolean operations, which is as little as
keeping the unknown apart from the not met allows. Each array is packed and let go as soon as it is there.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from bench.whole_city.answers import Answers, packed
from finmart.kit.criteria import Column, Criterion, Operator, Population, Value

DAY = "2026"


def prepared(rule_sets: Sequence[Sequence[Criterion]], population: Population) -> Callable[[], Answers]:
    """Return the work to be timed: the system is declared and the facts are in it."""
    firm = build_entity(key="firm", plural="firms", label="", is_person=True)
    system = TaxBenefitSystem([firm])

    def declare(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        members = {"value_type": kind, "entity": firm, "definition_period": DateUnit.YEAR, "label": name}
        system.add_variable(type(name, (Variable,), members | ({"formula": formula} if formula else {})))

    for code in population.columns:
        declare(code, int)
        declare(f"known_{code}", bool)
    for number, rules in enumerate(rule_sets):
        declare(f"product_{number}", int, _formula(rules, population))
    simulation = SimulationBuilder().build_default_simulation(system, count=population.size)
    for code, column in population.columns.items():
        simulation.set_input(code, DAY, column.cells.astype(np.int32))
        simulation.set_input(f"known_{code}", DAY, column.is_known)

    def work() -> Answers:
        found = Answers(len(rule_sets), population.size)
        for number in range(len(rule_sets)):
            states = simulation.calculate(f"product_{number}", DAY)
            simulation.delete_arrays(f"product_{number}")
            found.keep(number, packed(states == 1), packed(states == 2))
        return found

    return work


def _formula(rules: Sequence[Criterion], population: Population) -> Callable[..., Any]:
    read = [(one.operator, one.field, _cells(population.columns[one.field], one)) for one in rules]

    def formula(firm: Any, period: Any) -> Any:
        met: Any = True
        possible: Any = True
        for operator, field, cells in read:
            known = firm(f"known_{field}", period)
            if operator is Operator.EXISTS:
                met, possible = met & known, possible & known
                continue
            answer = _met(operator, firm(field, period), cells) & known
            met, possible = met & answer, possible & (answer | ~known)
        return met + 2 * (possible & ~met)

    return formula


def _cells(column: Column, criterion: Criterion) -> list[int]:
    return [_cell(column, value) for value in criterion.operand]


def _cell(column: Column, value: Value) -> int:
    return column.texts.index(value) if isinstance(value, str) else int(value * 10**column.places)


_ONE_SIDED = {Operator.GE: np.greater_equal, Operator.GT: np.greater, Operator.LE: np.less_equal, Operator.LT: np.less}


def _met(operator: Operator, seen: Any, cells: list[int]) -> Any:
    if operator in _ONE_SIDED:
        return _ONE_SIDED[operator](seen, cells[0])
    if operator is Operator.BETWEEN:
        return (seen >= cells[0]) & (seen <= cells[1])
    among = _among(seen, cells)
    return ~among if operator in {Operator.NE, Operator.NOT_IN} else among


def _among(seen: Any, cells: list[int]) -> Any:
    found = seen == cells[0]
    for cell in cells[1:]:
        found = found | (seen == cell)
    return found
