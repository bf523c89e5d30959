"""DuckDB on the same rules: one SQL condition per product over a table of firms, NULL where a fact is missing.

Its own three-valued logic answers. Conditions are asked fifty at a time as columns of truth values and packed here:
tried beside ``bitstring_agg`` in SQL, which took twice as long. With several threads the rows of so wide a result come
in any order, so each brings its number.
"""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import numpy as np
import polars as pl

from bench.whole_city.answers import Answers, packed
from finmart.kit.criteria import Column, Criterion, Operator, Population, Value

AT_ONCE = 50
_SIGNS = {"GE": ">=", "GT": ">", "LE": "<=", "LT": "<", "EQ": "=", "NE": "<>"}


def prepared(
    rule_sets: Sequence[Sequence[Criterion]], population: Population, *, threads: int
) -> Callable[[], Answers]:
    """Return the work to be timed: the firms are in a table of DuckDB's own."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        pl.DataFrame(_series(population)).with_row_index("number").write_parquet(file.name)
        connection.execute("CREATE TABLE firms AS SELECT * FROM read_parquet(?)", [file.name])
    conditions = [" AND ".join(_condition(one, population.columns[one.field]) for one in rules) for rules in rule_sets]

    def work() -> Answers:
        found = Answers(len(rule_sets), population.size)
        for start in range(0, len(conditions), AT_ONCE):
            listed = ", ".join(f"({one}) AS c{n}" for n, one in enumerate(conditions[start : start + AT_ONCE], start))
            rows = connection.execute(f"SELECT number, {listed} FROM firms").fetchnumpy()
            numbers = rows.pop("number")
            for name, answers in rows.items():
                found.keep(int(name[1:]), *_planes(answers, numbers))
        return found

    return work


def _planes(answers: Any, numbers: Any) -> tuple[Any, Any]:
    missing = np.ma.getmaskarray(answers)
    met = np.ma.getdata(answers).astype(np.bool_, copy=False) & ~missing
    placed = np.empty_like(missing)
    placed[numbers] = met
    found = packed(placed)
    placed[numbers] = missing
    return found, packed(placed)


def _series(population: Population) -> dict[str, pl.Series]:
    found = {}
    for code, column in population.columns.items():
        cells = pl.Series(code, column.cells)
        plain = pl.Series(code, column.texts).gather(cells.cast(pl.UInt32)) if column.texts else cells
        found[code] = pl.select(pl.when(pl.Series(column.is_known)).then(plain).alias(code)).to_series()
    return found


def _condition(criterion: Criterion, column: Column) -> str:
    name, operator = criterion.field, criterion.operator
    if operator is Operator.EXISTS:
        return f"{name} IS NOT NULL"
    texts = [_literal(value, column) for value in criterion.operand]
    match operator:
        case Operator.BETWEEN:
            return f"{name} BETWEEN {texts[0]} AND {texts[1]}"
        case Operator.IN:
            return f"{name} IN ({', '.join(texts)})"
        case Operator.NOT_IN:
            return f"{name} NOT IN ({', '.join(texts)})"
        case _:
            return f"{name} {_SIGNS[operator]} {texts[0]}"


def _literal(value: Value, column: Column) -> str:
    return f"'{value}'" if isinstance(value, str) else str(int(value * 10**column.places))
