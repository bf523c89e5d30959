"""Tables to train on and versions in force, made through operations."""

import io

import numpy as np
import polars as pl

from factories import parties
from finmart.centres.data.risk import operations
from finmart.centres.data.risk.types import TableOptions
from finmart.centres.data.sources.types import SourceFile

OPTIONS = TableOptions("defaulted_later", "trains")


def table(rows=240, seed=4, **columns):
    """Return a table whose columns are features of invoices; the more volatile, the worse; one of them has holes."""
    chance = np.random.default_rng(seed)
    volatility = chance.uniform(0.2, 3.0, rows)
    bad = chance.random(rows) < 1 / (1 + np.exp(4 - 2.2 * volatility))
    growth = chance.normal(size=rows).round(3)
    made = {
        "defaulted_later": bad.astype(int),
        "trains": [int(place % 5 > 0) for place in range(rows)],
        "sales_volatility": volatility.round(4),
        "sales_year": np.exp(chance.normal(15, 1, rows) - bad).round(2),
        "sales_growth": [None if place % 9 == 0 else float(value) for place, value in enumerate(growth)],
    } | columns
    text = io.StringIO()
    pl.DataFrame(made).write_csv(text)
    return SourceFile("训练表.csv", text.getvalue().encode())


def version(actor=None, name="发票评分卡", **changes):
    """Return a version that waits for approval, made by the system where nobody is named."""
    return operations.train_table(actor or parties.SYSTEM, table(**changes), OPTIONS, name=name)


def version_in_force(name="发票评分卡", **changes):
    """Return a version that two people of the operator have approved."""
    made = version(name=name, **changes)
    first = parties.operator()
    operations.approve(first, made.uuid)
    return operations.approve(parties.colleague(first), made.uuid)
