"""How good the signal of falling sales would have been on a history somebody brings. Stores nothing."""

import polars as pl

from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.governance.warnings.queries.watching import thresholds
from finmart.centres.governance.warnings.rules import alert_quality
from finmart.centres.governance.warnings.types import AlertQuality, Grade, SignalCode


def quality_on_sme_2020(*, enterprises: SourceFile, invoices: SourceFile) -> list[AlertQuality]:
    """Return one row per grade and outcome, for the thresholds in force today. Raises UnableToLoad."""
    read = sources_queries.read_sme_2020(enterprises=enterprises, invoices=invoices)
    histories = _histories(read.invoices)
    limits = thresholds()[SignalCode.SALES_DROP]
    return [
        *(alert_quality.of_stops(histories, grade, limits[grade]) for grade in Grade),
        *(alert_quality.of_defaults(histories, read.labels, grade, limits[grade]) for grade in Grade),
    ]


def _histories(invoices: pl.DataFrame) -> dict[str, list[tuple[str, int]]]:
    """Return firm → net sales by month, from its first sale to the latest complete month of the file."""
    sales = invoices.filter((pl.col("direction") == "OUT") & pl.col("is_effective"))
    month = pl.col("issued_on").dt.year().cast(pl.Int64) * 12 + pl.col("issued_on").dt.month() - 1
    summed = sales.with_columns(month.alias("month")).group_by("enterprise", "month").agg(pl.col("amount_fen").sum())
    known: dict[str, dict[int, int]] = {}
    for firm, at, fen in summed.iter_rows():
        known.setdefault(firm, {})[at] = fen
    latest = max((max(by_month) for by_month in known.values()), default=0) - 1
    return {
        firm: [(f"{at // 12}-{at % 12 + 1:02d}", by_month.get(at, 0)) for at in range(min(by_month), latest + 1)]
        for firm, by_month in sorted(known.items())
    }
