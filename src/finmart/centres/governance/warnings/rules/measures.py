"""From facts to the number each signal watches, a column at a time: every firm of the city in one pass.

The table has a row per firm; of a fact type ``x`` the columns ``x`` (the latest value, yes and no as 1 and 0),
``x:on`` (its day) and ``x:before`` (the value about a year before that day). ``own:…`` columns are the platform's own
records. Missing stays missing: an expression over a null is null, and a null gives no signal.
"""

from datetime import date, timedelta

import polars as pl

from finmart.centres.governance.warnings.rules.signals import RECENT_MONTHS, SIGNALS, YEAR
from finmart.centres.governance.warnings.types import SignalCode

OVERDUE_DAYS, GUARANTEED, ASKED, GRANTED = "own:overdue_days", "own:guaranteed_fen", "own:asked", "own:granted"
FACTS = tuple(sorted({fact for signal in SIGNALS.values() for fact in signal.facts}))


def _drop(now: str, before: str = "") -> pl.Expr:
    """One less the latest value over that of the like period: supplied on the same day, else known a year before."""
    earlier = pl.col(f"{now}:before")
    if before:
        is_like = pl.col(before).is_not_null() & (pl.col(f"{before}:on") == pl.col(f"{now}:on"))
        earlier = pl.when(is_like).then(pl.col(before)).otherwise(earlier)
    return pl.when(earlier > 0).then(1 - pl.col(now) / earlier)


def _sales_drop() -> pl.Expr:
    """See :func:`signals.sales_drop`; the months come as the JSON text ``[["2019-07", 12], …]``."""
    fens = pl.col("monthly_sales").str.extract_all(r"-?\d+\]").list.eval(pl.element().str.strip_chars_end("]"))
    numbers = fens.cast(pl.List(pl.Int64))
    before = numbers.list.slice(-YEAR - RECENT_MONTHS, RECENT_MONTHS).list.sum()
    recent = numbers.list.tail(RECENT_MONTHS).list.sum()
    return pl.when((numbers.list.len() >= YEAR + RECENT_MONTHS) & (before > 0)).then(1 - recent / before)


def _guarantees() -> pl.Expr:
    """Guarantees over net assets; who is known to have none is measured against one fen: any is too much for it."""
    given = pl.max_horizontal(pl.col(GUARANTEED), pl.col("guaranteed_fen"))
    assets = pl.coalesce("net_assets_fen", "registered_capital_fen")
    return pl.when((given > 0) & assets.is_not_null()).then(given / pl.max_horizontal(assets, pl.lit(1.0)))


def _query_gap() -> pl.Expr:
    asked = pl.max_horizontal(pl.col(ASKED), pl.col("credit_queries"))
    return pl.when(~pl.col(GRANTED).fill_null(value=False)).then(asked)


MEASURES: dict[SignalCode, pl.Expr] = {
    SignalCode.OVERDUE: pl.col(OVERDUE_DAYS),
    SignalCode.GUARANTEES: _guarantees(),
    SignalCode.SALES_DROP: _sales_drop(),
    SignalCode.TAX_DROP: _drop("annual_tax_fen", "previous_annual_tax_fen"),
    SignalCode.UTILITY_DROP: _drop("electricity_kwh", "previous_electricity_kwh"),
    SignalCode.HEADCOUNT_DROP: _drop("insured_employees", "insured_employees_year_ago"),
    SignalCode.CUSTOMER_LOSS: _drop("customer_count"),
    SignalCode.QUERY_GAP: _query_gap(),
} | {
    code: pl.col(signal.facts[0])
    for code, signal in SIGNALS.items()
    if code
    in {
        SignalCode.ABNORMAL, SignalCode.DEFENDANT, SignalCode.DISHONEST, SignalCode.ENFORCEMENT,
        SignalCode.INSURANCE_ARREARS, SignalCode.LEGAL_PERSON, SignalCode.LENDERS, SignalCode.LITIGATION,
        SignalCode.PENALTIES, SignalCode.TAX_ARREARS, SignalCode.UTILITY_ARREARS, SignalCode.VOIDED,
    }
}  # fmt: skip


def without_old(table: pl.DataFrame, codes: list[str], today: date, most_days: int) -> pl.DataFrame:
    """Return the table with values of these fact types unknown where they are older than ``most_days``."""
    oldest = today - timedelta(days=most_days)
    fresh = [pl.when(pl.col(f"{code}:on") >= oldest).then(pl.col(code)).alias(code) for code in codes]
    return table.with_columns(fresh)


def measured(table: pl.DataFrame) -> pl.DataFrame:
    """Return one row per firm: ``organisation_id`` and a column per signal, null where nothing can be said."""
    columns = [expression.cast(pl.Float64).round(6).alias(code) for code, expression in MEASURES.items()]
    return table.select("organisation_id", *columns)
