"""Typed criteria in three-valued logic: described once, compiled to columns, evaluated many times.

The same criterion has the same answer everywhere: met, not met, or unknown where the value is missing.
"""

from finmart.kit.criteria.columns import Column, Flags, Population
from finmart.kit.criteria.compiled import CompiledRules, Evaluation, Tally
from finmart.kit.criteria.contradiction import contradiction
from finmart.kit.criteria.criterion import (
    Criterion,
    Field,
    FieldKind,
    Operator,
    State,
    UnableToReadCriterion,
    Value,
    normal_value,
    read_criterion,
    written,
)
from finmart.kit.criteria.meeting import nearest, values_meeting
from finmart.kit.criteria.population import PopulationAnswers, answer_all, flags

__all__ = [
    "Column",
    "CompiledRules",
    "Criterion",
    "Evaluation",
    "Field",
    "FieldKind",
    "Flags",
    "Operator",
    "Population",
    "PopulationAnswers",
    "State",
    "Tally",
    "UnableToReadCriterion",
    "Value",
    "answer_all",
    "contradiction",
    "flags",
    "nearest",
    "normal_value",
    "read_criterion",
    "values_meeting",
    "written",
]
