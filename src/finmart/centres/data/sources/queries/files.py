"""Reading loads and invoices back."""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection
from django.db.models import Q

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.models import Invoice, KnownFirm, Load
from finmart.centres.data.sources.rules import cleaning, columns, firms, reading
from finmart.centres.data.sources.types import (
    Fault,
    HeldLoad,
    LoadKind,
    LoadRow,
    LoadState,
    QualityReport,
    Sample,
    SmeTable,
    SourceFile,
)
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

# Everything a calculation over invoices needs; row order is not defined.
_COPY = """
COPY (SELECT organisation_id, direction, issued_on, counterparty, total_fen, amount_fen, tax_fen, is_void, is_effective
      FROM sources_invoice {where}) TO STDOUT (FORMAT csv)
"""
_COPY_CHECKED = """
COPY (SELECT organisation_id, direction, number, issued_on, amount_fen, tax_fen, total_fen, is_void, is_effective
      FROM sources_invoice {where}) TO STDOUT (FORMAT csv)
"""
CHECKED = {
    "organisation_id": pl.Int64,
    "direction": pl.String,
    "number": pl.String,
    "issued_on": pl.Date,
    "amount_fen": pl.Int64,
    "tax_fen": pl.Int64,
    "total_fen": pl.Int64,
    "is_void": pl.String,
    "is_effective": pl.String,
}
_MONTH = "(extract(year FROM issued_on) * 12 + extract(month FROM issued_on) - 1)::integer"
_NEWS = f"""
SELECT invoice.organisation_id, {_MONTH}, max(invoice.id), max(invoice.issued_on)
FROM unnest(%s::bigint[], %s::bigint[]) AS seen (organisation_id, newest)
JOIN sources_invoice AS invoice ON invoice.organisation_id = seen.organisation_id AND invoice.id > seen.newest
WHERE invoice.id > %s GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - an expression of our own
_OF_MONTHS = f"""
COPY (SELECT organisation_id, direction, issued_on, counterparty, total_fen, amount_fen, tax_fen, is_void, is_effective
      FROM sources_invoice
      JOIN unnest(%s::bigint[], %s::integer[]) AS wanted (organisation_id, month) USING (organisation_id)
      WHERE {_MONTH} = wanted.month) TO STDOUT (FORMAT csv)
"""  # noqa: S608
# A twin that was not known yet had not voided anything.
_AS_KNOWN = """
COPY (SELECT organisation_id, direction, issued_on, counterparty, total_fen, amount_fen, tax_fen, is_void,
             NOT is_void AND (is_effective OR NOT EXISTS (
               SELECT FROM sources_invoice AS twin JOIN sources_load AS load ON load.id = twin.load_id
               WHERE twin.is_void AND load.finished_at <= %s AND twin.organisation_id = invoice.organisation_id
                 AND twin.direction = invoice.direction AND twin.number = invoice.number
                 AND twin.issued_on = invoice.issued_on AND twin.counterparty = invoice.counterparty
                 AND twin.amount_fen = invoice.amount_fen AND twin.tax_fen = invoice.tax_fen
                 AND twin.total_fen = invoice.total_fen))
      FROM sources_invoice AS invoice
      WHERE invoice.organisation_id = ANY(%s) AND invoice.issued_on <= %s
        AND invoice.load_id IN (SELECT id FROM sources_load WHERE finished_at <= %s)) TO STDOUT (FORMAT csv)
"""
_PARTNER_TOTALS = """
SELECT counterparty, count(*), count(*) FILTER (WHERE is_void) FROM sources_invoice
WHERE issued_on <= %s AND load_id IN (SELECT id FROM sources_load WHERE finished_at <= %s)
  AND counterparty IN (SELECT counterparty FROM sources_invoice WHERE organisation_id = ANY(%s))
GROUP BY counterparty
"""
FRAME = {
    "organisation_id": pl.Int64,
    "direction": pl.String,
    "issued_on": pl.Date,
    "counterparty": pl.String,
    "total_fen": pl.Int64,
    "amount_fen": pl.Int64,
    "tax_fen": pl.Int64,
    "is_void": pl.String,
    "is_effective": pl.String,
}


def loads_for(actor: Actor, *, limit: int = 50) -> list[LoadRow]:
    """Return the newest loads: all for the operator, its own for a firm, none for others."""
    rows = Load.objects.order_by("-id")
    if not policies.can_load_for_others(actor):
        rows = rows.filter(organisation_id=actor.organisation_id) if actor.organisation_id else rows.none()
    return [_row(load) for load in rows[:limit]]


def report_for(actor: Actor, uuid: UUID) -> tuple[LoadRow, QualityReport]:
    """Return one load and its quality report. Raises NotFound, also for another firm's load."""
    load = Load.objects.filter(uuid=uuid).first()
    if load is None or not (
        policies.can_load_for_others(actor)
        or (load.organisation_id and policies.can_load_invoices_of(actor, load.organisation_id))
    ):
        raise NotFound("没有找到该次导入")
    return _row(load), _report(load)


def held_loads_for(actor: Actor, state: LoadState = LoadState.HELD) -> list[HeldLoad]:
    """Return loads that wait for a decision, the oldest first, or those decided, the newest first.

    Raises AccessDenied for all but the operator and the system.
    """
    _require_operator(actor)
    rows = Load.objects.select_related("organisation", "settled_by").filter(state=state)
    if state == LoadState.HELD:
        return [_held(actor, one) for one in rows.order_by("pk")]
    return [_held(actor, one) for one in rows.exclude(settled_at=None).order_by("-settled_at")[:100]]


def held_load_for(actor: Actor, uuid: UUID) -> HeldLoad:
    """Return one load that is or was held. Raises AccessDenied; NotFound also for one that never was."""
    _require_operator(actor)
    rows = Load.objects.select_related("organisation", "settled_by").filter(uuid=uuid)
    load = rows.filter(Q(state=LoadState.HELD) | Q(settled_at__isnull=False)).first()
    if load is None:
        raise NotFound("没有找到该暂存文件")
    return _held(actor, load)


def _require_operator(actor: Actor) -> None:
    if not policies.can_load_for_others(actor):
        raise AccessDenied("暂存的文件只对运营人员开放")


def _held(actor: Actor, load: Load) -> HeldLoad:
    report = _report(load)
    return HeldLoad(
        row=_row(load), report=report,
        faults=tuple((Fault(code).label, count) for code, count in report.faults.items()),
        sizes=tuple((file["name"], file["sha256"], file["size"]) for file in load.files),
        firm_name=load.organisation.name if load.organisation else "",
        settled_by=load.settled_by.full_name if load.settled_by else "", settled_at=load.settled_at,
        settle_reason=load.settle_reason,
        may_settle=load.state == LoadState.HELD and policies.can_settle_loads(actor),
    )  # fmt: skip


def _report(load: Load) -> QualityReport:
    stored = dict(load.report)
    samples = [Sample(**sample) for sample in stored.pop("samples", [])]
    return QualityReport(**stored, samples=samples)


def read_sme_2020(*, enterprises: SourceFile, invoices: SourceFile) -> SmeTable:
    """Return the contest's firms and invoices straight from their files, judged as a load judges them; stores nothing.

    Raises UnableToLoad where a file cannot be read.
    """
    names = ("code", "name", "rating", "defaulted")
    listed = columns.with_known_names(reading.table_of(enterprises), columns.FIRM_COLUMNS, names, file=enterprises.name)
    known = firms.coded_firms(listed.select(pl.all().cast(pl.String)), file=enterprises.name)
    frame = columns.with_known_names(
        reading.table_of(invoices), columns.INVOICE_COLUMNS, ("enterprise", *cleaning.REQUIRED), file=invoices.name
    )
    clean = cleaning.clean_invoices(frame, firms=frozenset(firm.code for firm in known), today=clock.today())
    return SmeTable(
        labels={firm.code: firm.defaulted for firm in known},
        invoices=cleaning.with_effect(clean.kept),
        report=clean.report,
    )


def judged(frame: pl.DataFrame) -> pl.DataFrame:
    """Return an invoice file's rows as a load would keep them, whoever the firms are; columns as in SmeTable."""
    firms = frozenset(frame["enterprise"].unique().to_list())
    return cleaning.with_effect(cleaning.clean_invoices(frame, firms=firms, today=clock.today()).kept)


def table_of(file: SourceFile) -> pl.DataFrame:
    """Return a file's table (CSV in UTF-8, with or without a mark at its start, or GB18030; XLSX; Parquet).

    CSV and XLSX columns are text. Raises UnableToLoad for an empty, cut-off, disguised or over-large file.
    """
    return reading.table_of(file)


def invoice_frame(organisation_ids: Iterable[int] | None = None) -> pl.DataFrame:
    """Return invoices as columns (names and types in FRAME, the flags as booleans) for calculation, never for display.

    ``organisation_ids`` None means every firm. Whoever calls states the purpose it is computed for.
    """
    return _copied(_COPY, FRAME, organisation_ids)


def invoice_frame_for_checks(organisation_ids: Iterable[int] | None = None) -> pl.DataFrame:
    """Return invoices without their other side (names and types in CHECKED), for judging their quality."""
    return _copied(_COPY_CHECKED, CHECKED, organisation_ids)


def _copied(statement: str, schema: Mapping[str, Any], organisation_ids: Iterable[int] | None) -> pl.DataFrame:
    ids = None if organisation_ids is None else sorted({int(i) for i in organisation_ids})
    if ids == []:
        return _typed(pl.DataFrame(schema=schema))
    where = "" if ids is None else f"WHERE organisation_id IN ({', '.join(map(str, ids))})"
    return _read(statement.format(where=where), schema, [])


def _read(statement: str, schema: Mapping[str, Any], values: list[Any]) -> pl.DataFrame:
    text = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(statement, values or None) as copy:
        for block in copy:
            text.write(block)
    text.seek(0)
    if not text.getbuffer().nbytes:
        return _typed(pl.DataFrame(schema=schema))
    return _typed(pl.read_csv(text, has_header=False, new_columns=list(schema), schema=schema))


def months_with_news(seen: Mapping[int, int]) -> list[tuple[int, int, int, date]]:
    """Return every month that an invoice after the one seen falls into: (organisation, month, newest id, latest day).

    ``seen`` maps each firm to the id up to which its invoices are known to the caller (0: none). Ids of one firm grow
    in the order its loads are committed. Months count year × 12 + month − 1.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, [list(seen), list(seen.values()), min(seen.values(), default=0)])
        return list(cursor.fetchall())


def firms_with_invoices(organisation_ids: Iterable[int] | None = None) -> list[int]:
    """Return the firms, of these or of all, of which there is an invoice."""
    found = (
        Invoice.objects.all() if organisation_ids is None else Invoice.objects.filter(organisation__in=organisation_ids)
    )
    return sorted(found.values_list("organisation_id", flat=True).distinct())


def invoices_of_months(months: Iterable[tuple[int, int]]) -> pl.DataFrame:
    """Return :func:`invoice_frame` of some (organisation, month) alone."""
    wanted = list(months)
    if not wanted:
        return _typed(pl.DataFrame(schema=FRAME))
    return _read(_OF_MONTHS, FRAME, [[firm for firm, _ in wanted], [month for _, month in wanted]])


def invoices_as_known(organisation_ids: Iterable[int], *, issued_by: date, known_by: datetime) -> pl.DataFrame:
    """Return :func:`invoice_frame` as it would have been: loaded by a moment, issued by a day.

    An invoice voided by a later load still counts.
    """
    ids = sorted(set(organisation_ids))
    return _read(_AS_KNOWN, FRAME, [known_by, ids, issued_by, known_by]) if ids else _typed(pl.DataFrame(schema=FRAME))


def partner_totals_as_known(organisation_ids: Iterable[int], *, issued_by: date, known_by: datetime) -> pl.DataFrame:
    """Return how many invoices, and void ones, the partners of these firms had with all firms: as then known."""
    with rowpolicies.upkeep(), connection.cursor() as cursor:  # counts of partners, told of no firm
        cursor.execute(_PARTNER_TOTALS, [issued_by, known_by, sorted(set(organisation_ids))])
        rows = cursor.fetchall()
    return pl.DataFrame(rows, {"counterparty": pl.String, "invoices": pl.Int64, "void": pl.Int64}, orient="row")


def firms_of_load(uuid: UUID) -> list[int]:
    """Return the firms of which a load brought something new, or which its list named. Raises NotFound."""
    load = Load.objects.filter(uuid=uuid).first()
    if load is None:
        raise NotFound("没有找到该次导入")
    if load.organisation_id is not None:
        return [load.organisation_id]
    if load.kind == LoadKind.FIRMS:
        return list(load.listed_firms.order_by("pk").values_list("organisation_id", flat=True))
    with rowpolicies.upkeep():
        return list(Invoice.objects.filter(load=load).values_list("organisation_id", flat=True).distinct())


def load_frame() -> pl.DataFrame:
    """Return every load with its counts, for judging their quality: a row each, the firm where it was of one."""
    schema = {
        "uuid": pl.String, "organisation_id": pl.Int64, "kind": pl.String, "is_held": pl.Boolean,
        "age_days": pl.Float64, "rows": pl.Float64, "rejected": pl.Float64, "duplicates": pl.Float64,
    }  # fmt: skip
    now = clock.now()
    rows = [
        (
            str(load.uuid), load.organisation_id, load.kind, load.state == LoadState.HELD,
            (now - load.started_at).total_seconds() / 86_400,
            *(float(load.report.get(name, 0)) for name in ("rows", "rejected", "duplicates")),
        )
        for load in Load.objects.order_by("id").only(
            "uuid", "organisation_id", "kind", "state", "started_at", "report"
        )
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def latest_invoice_on(organisation_ids: Iterable[int] | None = None) -> date | None:
    """Return the day of the newest invoice in the store, of these firms if named."""
    condition = "" if organisation_ids is None else "WHERE organisation_id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(issued_on) FROM sources_invoice {condition}",  # noqa: S608 - one of two fixed texts
            [] if organisation_ids is None else [list(organisation_ids)],
        )
        found: date | None = cursor.fetchone()[0]
    return found


def earliest_invoice_on(organisation_id: int) -> date | None:
    """Return the day of a firm's oldest invoice in the store."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(issued_on) FROM sources_invoice WHERE organisation_id = %s", [organisation_id])
        found: date | None = cursor.fetchone()[0]
    return found


def count_invoices() -> int:
    """Return how many invoices all loads together brought in."""
    return sum(Load.objects.values_list("invoices", flat=True))


def known_firm(code: str, *, source: str = LoadKind.SME_2020) -> int | None:
    """Return the organisation a foreign source knows by ``code`` (``E1``), or None."""
    return KnownFirm.objects.filter(source=source, code=code).values_list("organisation_id", flat=True).first()


def outcome_labels(source: str = LoadKind.SME_2020) -> dict[int, bool]:
    """Return organisation → whether it defaulted, where that is known. A label for training, never a feature."""
    rows = KnownFirm.objects.filter(source=source).exclude(defaulted=None)
    return {organisation: bool(value) for organisation, value in rows.values_list("organisation_id", "defaulted")}


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("is_void", "is_effective") == "t")


def _row(load: Load) -> LoadRow:
    return LoadRow(
        uuid=load.uuid,
        kind=load.kind,
        kind_label=LoadKind(load.kind).label,
        state=load.state,
        state_label=LoadState(load.state).label,
        files=tuple(file["name"] for file in load.files),
        rows=load.report.get("rows", 0),
        invoices=load.invoices,
        rejected=load.report.get("rejected", 0),
        message=load.message,
        started_at=load.started_at,
        finished_at=load.finished_at,
    )
