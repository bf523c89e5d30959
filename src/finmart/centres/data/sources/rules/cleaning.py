"""Judging invoice rows: rejected, repeated, or kept and marked. One pass over columns, whatever the size."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from finmart.centres.data.sources.types import Direction, Fault, QualityReport, Sample

EARLIEST = date(1994, 1, 1)  # value added tax invoices began with the tax reform of that year
MOST_FEN = 10**15
MOST_REJECTED = 0.05  # a default of ours: beyond this share the whole file is held
SAMPLES = 20
_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")
_STATUS = {
    "有效发票": False, "有效": False, "正常": False, "红字发票": False, "VALID": False,
    "作废发票": True, "作废": True, "VOID": True,
}  # fmt: skip
_DIRECTION = {
    "IN": Direction.IN, "进项": Direction.IN, "进": Direction.IN,
    "OUT": Direction.OUT, "销项": Direction.OUT, "销": Direction.OUT,
}  # fmt: skip
REQUIRED = ("number", "issued_on", "counterparty", "amount", "tax", "total", "status", "direction")
IDENTITY = (
    "enterprise", "direction", "number", "issued_on", "counterparty", "amount_fen", "tax_fen", "total_fen", "is_void"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CleanInvoices:
    """``kept`` has the columns of IDENTITY and ``adds_up``, each invoice once; ``report`` what became of the rest.

    ``is_odd_at_end``: the file's last row is rejected or does not add up.
    """

    kept: pl.DataFrame
    report: QualityReport
    is_odd_at_end: bool = False

    @property
    def is_to_be_held(self) -> bool:
        return self.report.rejected > MOST_REJECTED * self.report.rows


def clean_invoices(frame: pl.DataFrame, *, firms: frozenset[str], today: date) -> CleanInvoices:
    """Judge every row of a frame with the columns REQUIRED and ``enterprise``, one of ``firms``."""
    judged = _judged(frame, firms, today)
    readable = judged.filter(pl.col("fault").is_null())
    kept = readable.select(*IDENTITY, "adds_up").unique(maintain_order=True)
    at_end = judged.tail(1).select(pl.col("fault").is_not_null() | ~pl.col("adds_up")).to_series()
    return CleanInvoices(kept, _report(judged, readable, kept), is_odd_at_end=bool(at_end.any()))


def with_effect(kept: pl.DataFrame) -> pl.DataFrame:
    """Return kept rows with ``is_effective``: neither void nor with a void twin equal in all else."""
    alike = [name for name in IDENTITY if name != "is_void"]
    voided = kept.filter("is_void").select(*alike, pl.lit(value=True).alias("has_void_twin"))
    return (
        kept.join(voided, on=alike, how="left")
        .with_columns((~pl.col("is_void") & pl.col("has_void_twin").is_null()).alias("is_effective"))
        .drop("has_void_twin")
    )


def _judged(frame: pl.DataFrame, firms: frozenset[str], today: date) -> pl.DataFrame:
    status = pl.col("status").cast(pl.String)
    read = frame.with_row_index("row", offset=2).with_columns(
        _text("enterprise"),
        _text("number").str.strip_suffix(".0"),
        _text("counterparty"),
        _day(frame.schema["issued_on"]).alias("day"),
        *[_fen(name, frame.schema[name]).alias(f"{name}_fen") for name in ("amount", "tax", "total")],
        status.str.strip_chars().str.to_uppercase().replace_strict(_STATUS, default=None, return_dtype=pl.Boolean)
        .alias("is_void"),
        (status != status.str.strip_chars()).fill_null(value=False).alias("was_cleaned"),
        _text("direction").str.to_uppercase()
        .replace_strict({k: str(v) for k, v in _DIRECTION.items()}, default=None, return_dtype=pl.String)
        .alias("side"),
    )  # fmt: skip
    return (
        read.with_columns(_fault(firms, today).alias("fault"), _shown().alias("value"))
        .drop("issued_on", "direction")
        .rename({"day": "issued_on", "side": "direction"})
        .with_columns(
            ((pl.col("amount_fen") + pl.col("tax_fen") - pl.col("total_fen")).abs() <= 1).alias("adds_up"),
        )
    )


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()


def _day(kind: pl.DataType) -> pl.Expr:
    if kind == pl.Date:
        return pl.col("issued_on")
    if kind == pl.Datetime:
        return pl.col("issued_on").dt.date()
    text = _text("issued_on")
    return pl.coalesce(text.str.to_date(pattern, strict=False, exact=True) for pattern in _FORMATS)


def _fen(name: str, kind: pl.DataType) -> pl.Expr:
    """Return whole fen, or null for what is no number, has parts of a fen, or is absurdly large."""
    column = pl.col(name)
    if not kind.is_numeric():
        column = column.cast(pl.String).str.strip_chars().str.replace_all("[,，¥￥]", "").replace("", None)
    fen = column.cast(pl.Float64, strict=False) * 100
    whole = fen.round()
    fits = fen.is_finite() & (fen.abs() < MOST_FEN) & ((fen - whole).abs() < 1e-3)
    return pl.when(fits).then(whole).otherwise(None).cast(pl.Int64, strict=False)


def _fault(firms: frozenset[str], today: date) -> pl.Expr:
    """Return the code of the first thing that keeps a row from being read, or null."""

    def empty(name: str) -> pl.Expr:
        return pl.col(name).is_null() | (pl.col(name) == "")

    def unusable(name: str, most: int) -> pl.Expr:
        return (pl.col(name).str.len_chars() > most) | pl.col(name).str.contains("\x00", literal=True)

    out_of_range = (pl.col("day") < EARLIEST) | (pl.col("day") > today)
    money = pl.any_horizontal(pl.col("amount_fen", "tax_fen", "total_fen").is_null())
    tests = (
        (~pl.col("enterprise").is_in(list(firms)).fill_null(value=False), Fault.UNKNOWN_FIRM),
        (empty("number"), Fault.NO_NUMBER),
        (empty("counterparty"), Fault.NO_COUNTERPARTY),
        (unusable("number", 24) | unusable("counterparty", 120), Fault.BAD_TEXT),
        (pl.col("day").is_null(), Fault.BAD_DATE),
        (out_of_range, Fault.DATE_OUT_OF_RANGE),
        (money, Fault.BAD_AMOUNT),
        (pl.col("is_void").is_null(), Fault.UNKNOWN_STATUS),
        (pl.col("side").is_null(), Fault.UNKNOWN_DIRECTION),
    )
    return pl.coalesce(pl.when(test).then(pl.lit(str(fault))) for test, fault in tests)


def _shown() -> pl.Expr:
    columns = ("enterprise", "number", "issued_on", "counterparty", "amount", "tax", "total", "status", "direction")
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="｜")


def _report(judged: pl.DataFrame, readable: pl.DataFrame, kept: pl.DataFrame) -> QualityReport:
    rejected = judged.filter(pl.col("fault").is_not_null())
    odd = readable.filter(~pl.col("adds_up")).with_columns(pl.lit("NOT_ADDING_UP").alias("fault"))
    faults = rejected.group_by("fault").len().sort("fault")
    return QualityReport(
        rows=judged.height,
        duplicates=readable.height - kept.height,
        void=int(readable["is_void"].sum()),
        negative=int((readable["amount_fen"] < 0).sum()),
        negative_void=int(((readable["amount_fen"] < 0) & readable["is_void"]).sum()),
        cleaned=int(readable["was_cleaned"].sum()),
        not_adding_up=odd.height,
        rejected=rejected.height,
        faults=dict(faults.iter_rows()),
        samples=[
            Sample(row, fault, value[:200])
            for part in (rejected, odd)
            for row, fault, value in part.select("row", "fault", "value").head(SAMPLES).iter_rows()
        ],
    )
