"""Judging a table by all its rules at once: one pass for the counts, one look at a few rows of each that fails."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from finmart.centres.data.quality.rules.checks import Spoken, spoken
from finmart.centres.data.quality.rules.tables import FIRM, Shown, columns_of
from finmart.centres.data.quality.types import Example, Figure, RuleText, Subject
from finmart.kit.money import format_yuan

MOST_EXAMPLES = 20
SHORTEST_MASKED = 4


def judge(
    table: pl.DataFrame, rules: Sequence[RuleText], today: date, *, among: pl.Expr | None = None
) -> list[Figure]:  # fmt: skip
    """Return a figure for each of the rules, which are all of one subject whose table this is.

    ``among`` says which rows are judged; the others are only there to be compared with.
    """
    said = [spoken(rule.check, rule.when, today) for rule in rules]
    if among is not None:
        said = [replace(one, speaks=one.speaks & among) for one in said]
    counted = table.lazy().select(
        expression.alias(f"{place}{name}")
        for place, one in enumerate(said)
        for name, expression in (("speaks", one.speaks.sum()), ("fails", (one.speaks & ~one.holds).sum()))
    )
    (row,) = counted.collect().iter_rows(named=True) if rules else ({},)
    return [
        Figure(
            rule.code,
            int(row[f"{place}speaks"] or 0),
            failed := int(row[f"{place}fails"] or 0),
            _examples(table, rule.subject, one) if failed else (),
        )
        for place, (rule, one) in enumerate(zip(rules, said, strict=True))
    ]


def _examples(table: pl.DataFrame, subject: Subject, one: Spoken) -> tuple[Example, ...]:
    known = columns_of(subject)
    reads = [name for name in one.reads if name != FIRM]
    found = table.lazy().filter(one.speaks & ~one.holds).select(FIRM, *reads).head(MOST_EXAMPLES).collect()
    return tuple(
        Example(row[FIRM], "；".join(_written(known[name][1], row[name]) for name in reads))
        for row in found.iter_rows(named=True)
    )


def _written(column: Shown, value: Any) -> str:
    """Write a value so that nothing personal is in it: a text that is no word of a list is shown by its shape."""
    if value is None:
        return f"{column.label} 暂缺"
    if isinstance(value, bool):
        return f"{column.label} {'是' if value else '否'}"
    if isinstance(value, str):
        return f"{column.label} {column.words.get(value, value) if column.is_open else masked(value)}"
    if isinstance(value, int | float) and column.unit == "元":
        return f"{column.label} {format_yuan(round(value))} 元"
    if isinstance(value, int | float):
        return f"{column.label} {value:,.6g} {column.unit}".rstrip()
    return f"{column.label} {value}"


def masked(text: str) -> str:
    """Return a text by its shape: two signs at each end and how many there are."""
    if len(text) <= SHORTEST_MASKED:
        return f"（{len(text)} 字）"
    return f"{text[:2]}…{text[-2:]}（{len(text)} 字）"
