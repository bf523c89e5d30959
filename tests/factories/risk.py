"""Tables to train on and versions in force, made through operations."""

import io
from datetime import timedelta

import numpy as np
import polars as pl

from factories import parties
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.risk import operations
from finmart.centres.data.risk.types import TableOptions
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources.types import SourceFile
from finmart.kit import clock

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


def scored(own):
    """Give a firm a year of invoices, its facts, and a score by a version in force; return the score."""
    rows = [
        sale(发票号码=f"{month:08d}", 开票日期=f"{clock.today() - timedelta(days=30 * month)}", 方向=way)
        for month in range(12)
        for way in ("销项", "进项")
    ]
    sources_operations.load_invoices(own, invoice_file(*rows), organisation_id=own.organisation_id)
    profiles_operations.compute(parties.SYSTEM, [own.organisation_id])
    version_in_force()
    (told,) = operations.score(parties.SYSTEM, [own.organisation_id])
    return told
