"""How good the signals over invoices would have been on a history: a folder somebody brings, or the platform's own."""

import json
from decimal import Decimal

import polars as pl

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.models import QualityMeasure
from finmart.centres.governance.warnings.queries.watching import thresholds
from finmart.centres.governance.warnings.rules import alert_quality
from finmart.centres.governance.warnings.rules.alert_quality import History
from finmart.centres.governance.warnings.rules.signals import YEAR
from finmart.centres.governance.warnings.types import AlertQuality, Grade, MeasuredQuality, Outcome, SignalCode
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


def quality_on_sme_2020(*, enterprises: SourceFile, invoices: SourceFile) -> list[AlertQuality]:
    """Return one row per signal over invoices, grade and outcome, for the thresholds in force. Raises UnableToLoad.

    Stores nothing.
    """
    read = sources_queries.read_sme_2020(enterprises=enterprises, invoices=invoices)
    histories, limits = _histories(read.invoices), thresholds()
    return [
        *_by_stops(histories),
        *(
            alert_quality.of_defaults(histories, read.labels, signal, grade, limits[signal][grade])
            for signal in alert_quality.FIRST
            for grade in Grade
        ),
    ]


def quality_of_own(actor: Actor) -> list[AlertQuality]:
    """Return one row per signal and grade on the platform's own invoices, held against sales that stopped.

    Leaves a line in the ledger for the whole population. For this centre's job; raises AccessDenied for people.
    """
    if not policies.can_raise(actor):
        raise AccessDenied("预警质量只由平台按期计算")
    asked = ["monthly_sales", "customer_count", "void_share"]
    consents_operations.disclose_population(actor, purpose=Purpose.WARNING, fact_types=asked)
    frame = sources_queries.invoice_frame().rename({"organisation_id": "enterprise"})
    return _by_stops(_histories(frame.with_columns(pl.col("enterprise").cast(pl.String))))


def measured_for(actor: Actor) -> MeasuredQuality | None:
    """Return the newest measure on the platform's own history, None before the first. Raises AccessDenied."""
    if not policies.can_watch(actor):
        raise AccessDenied("预警只对运营人员开放")
    row = QualityMeasure.objects.order_by("-pk").first()
    return None if row is None else MeasuredQuality(row.at, tuple(_read(one) for one in row.rows))


def stored(row: AlertQuality) -> dict[str, object]:
    """Return a row as JSON holds it. For this centre."""
    values = {name: getattr(row, name) for name in AlertQuality.__slots__}
    return json.loads(json.dumps(values, default=str))  # type: ignore[no-any-return] # what json reads back


def _read(values: dict[str, object]) -> AlertQuality:
    known = dict(values)
    known |= {
        "signal": SignalCode(str(values["signal"])), "grade": Grade(str(values["grade"])),
        "outcome": Outcome(str(values["outcome"])), "threshold": Decimal(str(values["threshold"])),
    }  # fmt: skip
    return AlertQuality(**known)  # type: ignore[arg-type] # stored by `stored` alone


def _by_stops(histories: dict[str, History]) -> list[AlertQuality]:
    limits = thresholds()
    return [
        alert_quality.of_stops(histories, signal, grade, limits[signal][grade])
        for signal in alert_quality.FIRST
        for grade in Grade
    ]


def _histories(invoices: pl.DataFrame) -> dict[str, History]:
    """Return firm → its months, from its first sale to the latest complete month of the file, with signal values."""
    month = pl.col("issued_on").dt.year().cast(pl.Int64) * 12 + pl.col("issued_on").dt.month() - 1
    out = invoices.filter(pl.col("direction") == "OUT").with_columns(month.alias("month"))
    sales = out.filter(pl.col("is_effective"))
    known = _by_firm(sales.group_by("enterprise", "month").agg(pl.col("amount_fen").sum().alias("value")))
    buyers, issued, void = _by_firm(_buyers(sales)), _by_firm(_counted(out)), _by_firm(_counted(out.filter("is_void")))
    latest = max((max(by_month) for by_month in known.values()), default=0) - 1
    found = {}
    for firm, by_month in sorted(known.items()):
        first = min(by_month)
        span = range(first, latest + 1)
        months = [(f"{at // 12}-{at % 12 + 1:02d}", by_month.get(at, 0)) for at in span]
        own = buyers.get(firm, {})
        counts = [own.get(at, 0) if at >= first + YEAR - 1 else None for at in span]
        found[firm] = History(
            months,
            {
                SignalCode.SALES_DROP: alert_quality.values_of(months),
                SignalCode.CUSTOMER_LOSS: alert_quality.drops_of(counts),
                SignalCode.VOIDED: _shares(void.get(firm, {}), issued.get(firm, {}), span, first),
            },
        )
    return found


def _buyers(sales: pl.DataFrame) -> pl.DataFrame:
    """Return firm and month with how many buyers had a positive sale in the year up to that month."""
    bought = sales.filter(pl.col("amount_fen") > 0).select("enterprise", "counterparty", "month").unique()
    seen = bought.with_columns(pl.int_ranges("month", pl.col("month") + YEAR).alias("month")).explode("month")
    return seen.unique().group_by("enterprise", "month").agg(pl.len().alias("value"))


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("enterprise", "month").agg(pl.len().alias("value"))


def _by_firm(table: pl.DataFrame) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for firm, at, value in table.select("enterprise", "month", "value").iter_rows():
        found.setdefault(firm, {})[at] = value
    return found


def _shares(void: dict[int, int], issued: dict[int, int], span: range, first: int) -> list[Decimal | None]:
    """Return at each month the share of void ones among the sales invoices of the year up to it."""
    found: list[Decimal | None] = []
    for at in span:
        year = range(at - YEAR + 1, at + 1)
        total = sum(issued.get(one, 0) for one in year)
        known = total and at >= first + YEAR - 1
        found.append(Decimal(sum(void.get(one, 0) for one in year)) / total if known else None)
    return found
