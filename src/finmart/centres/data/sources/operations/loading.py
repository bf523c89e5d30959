"""The importers: read, judge, then write everything or nothing."""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from finmart.centres.data.sources import policies
from finmart.centres.data.sources.events import LoadFinished
from finmart.centres.data.sources.models import HeldFile, KnownFirm, ListedFirm, Load
from finmart.centres.data.sources.operations.storing import store_invoices, wait_for_registering
from finmart.centres.data.sources.rules import cleaning, columns, firms, reading
from finmart.centres.data.sources.types import (
    Fault,
    LoadKind,
    LoadResult,
    LoadState,
    QualityReport,
    SourceFile,
    SourcesAct,
    UnableToLoad,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

OnStep = Callable[[str], None]
OWN = "-"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What reading the files found. ``into`` is the held load that is being released: then nothing is held again."""

    kind: LoadKind
    files: tuple[SourceFile, ...]
    report: QualityReport
    firms: int
    started_at: datetime
    into: Load | None = None


def load_sme_2020(
    actor: Actor, *, enterprises: SourceFile, invoices: SourceFile, on_step: OnStep = lambda _: None
) -> LoadResult:
    """Load the contest's firms (with made-up credit codes, marked as examples) and all their invoices.

    ``on_step`` is told, in Chinese, what begins. A second run with the same files stores nothing.
    Raises AccessDenied; UnableToLoad where a file cannot be read, and then nothing is changed.
    """
    transactions.require()
    _require(policies.can_load_for_others(actor))
    return sme_2020(actor, enterprises, invoices, on_step=on_step)


def sme_2020(
    actor: Actor, enterprises: SourceFile, invoices: SourceFile, *, into: Load | None = None,
    on_step: OnStep = lambda _: None,
) -> LoadResult:  # fmt: skip
    """Read, judge and store an sme-2020 folder, or hold it unless it goes ``into`` the load that held it."""
    started = clock.now()
    on_step("读取企业名单")
    named = columns.with_known_names(
        reading.table_of(enterprises), columns.FIRM_COLUMNS, ("code", "name", "rating", "defaulted"),
        file=enterprises.name,
    )  # fmt: skip
    listed = firms.coded_firms(named.select(pl.all().cast(pl.String)), file=enterprises.name)
    on_step("读取发票")
    frame = _invoice_frame(invoices, ("enterprise", *cleaning.REQUIRED))
    on_step("检查发票质量")
    clean = cleaning.clean_invoices(frame, firms=frozenset(f.code for f in listed), today=clock.today())
    outcome = _Outcome(LoadKind.SME_2020, (enterprises, invoices), clean.report, len(listed), started, into)
    _check_end(clean, invoices)
    if clean.is_to_be_held and into is None:
        return _hold(actor, outcome, None)
    on_step("登记企业")
    known, new_firms = _known_firms(actor, listed)
    on_step("写入发票")
    return _store(actor, outcome, clean.kept, known, new_firms=new_firms)


def load_invoices(actor: Actor, file: SourceFile, *, organisation_id: int) -> LoadResult:
    """Load one firm's invoices from a CSV, XLSX or Parquet file of its own.

    Raises AccessDenied, NotFound for an unknown firm, UnableToLoad where the file cannot be read.
    """
    transactions.require()
    _require(policies.can_load_invoices_of(actor, organisation_id))
    return invoices_of_one(actor, file, organisation_id)


def invoices_of_one(actor: Actor, file: SourceFile, organisation_id: int, *, into: Load | None = None) -> LoadResult:
    """Read, judge and store one firm's invoices, or hold them unless they go ``into`` the load that held them."""
    started = clock.now()
    firm = parties_queries.organisation(organisation_id)
    frame = _invoice_frame(file, cleaning.REQUIRED).with_columns(pl.lit(OWN).alias("enterprise"))
    clean = cleaning.clean_invoices(frame, firms=frozenset({OWN}), today=clock.today())
    outcome = _Outcome(LoadKind.INVOICES, (file,), clean.report, 1, started, into)
    _check_end(clean, file)
    if clean.is_to_be_held and into is None:
        return _hold(actor, outcome, firm.id)
    return _store(actor, outcome, clean.kept, {OWN: firm.id}, organisation_id=firm.id)


def load_invoices_of_many(actor: Actor, file: SourceFile) -> LoadResult:
    """Load invoices of several registered firms; the enterprise column holds their credit codes.

    Rows of a firm that is not registered are rejected (UNKNOWN_FIRM). Raises AccessDenied, UnableToLoad.
    """
    transactions.require()
    _require(policies.can_load_for_others(actor))
    return invoices_of_many(actor, file)


def invoices_of_many(actor: Actor, file: SourceFile, *, into: Load | None = None) -> LoadResult:
    """Read, judge and store invoices of several firms, or hold them unless they go ``into`` the load that did."""
    started = clock.now()
    frame = _invoice_frame(file, ("enterprise", *cleaning.REQUIRED))
    known = parties_queries.ids_by_credit_code(frame["enterprise"].cast(pl.String).drop_nulls().unique().to_list())
    clean = cleaning.clean_invoices(frame, firms=frozenset(known), today=clock.today())
    outcome = _Outcome(LoadKind.INVOICES, (file,), clean.report, len(known), started, into)
    _check_end(clean, file)
    if clean.is_to_be_held and into is None:
        return _hold(actor, outcome, None)
    return _store(actor, outcome, clean.kept, known)


def load_firms(actor: Actor, file: SourceFile) -> LoadResult:
    """Register the firms of a list (name, credit code, district) that are not registered yet.

    A row with a wrong credit code is rejected and named in the report; a known firm is left as it is.
    """
    transactions.require()
    _require(policies.can_load_for_others(actor))
    return listed(actor, file)


def listed(actor: Actor, file: SourceFile, *, into: Load | None = None) -> LoadResult:
    """Read, judge and register a list of firms, or hold it unless it goes ``into`` the load that held it."""
    started = clock.now()
    named = columns.with_known_names(
        reading.table_of(file), columns.FIRM_COLUMNS, ("name", "credit_code"), file=file.name
    )
    sound, report = firms.listed_firms(named.select(pl.all().cast(pl.String)))
    outcome = _Outcome(LoadKind.FIRMS, (file,), report, len(sound), started, into)
    if report.rejected > cleaning.MOST_REJECTED * report.rows and into is None:
        return _hold(actor, outcome, None)
    wait_for_registering()
    registered = [_register(actor, firm, is_example=False) for firm in sound]
    load = _record(outcome, LoadState.LOADED, None)
    audit_operations.record(
        actor, SourcesAct.LOAD_FINISH, f"load:{load.uuid}", kind=str(outcome.kind), rows=report.rows
    )
    ListedFirm.objects.bulk_create(
        [ListedFirm(load=load, organisation_id=one, is_new=is_new) for one, is_new in dict(registered[::-1]).items()],
        batch_size=5_000,
    )
    events.publish(LoadFinished(load.uuid))
    new = sum(is_new for _, is_new in registered)
    return _result(load, outcome, ids=tuple(i for i, _ in registered), new_firms=new)


def _require(allowed: bool) -> None:  # noqa: FBT001 - the answer of a policy
    if not allowed:
        raise AccessDenied("您无权导入数据")


def _invoice_frame(file: SourceFile, required: tuple[str, ...]) -> pl.DataFrame:
    return columns.with_known_names(reading.table_of(file), columns.INVOICE_COLUMNS, required, file=file.name)


def _known_firms(actor: Actor, listed: list[firms.FirmRow]) -> tuple[dict[str, int], int]:
    """Return firm code → organisation id, registering the new ones, and how many are new."""
    wait_for_registering()
    source = str(LoadKind.SME_2020)
    known = dict(KnownFirm.objects.filter(source=source).values_list("code", "organisation_id"))
    new = [firm for firm in listed if firm.code not in known]
    records = [
        KnownFirm(
            source=source, code=firm.code, organisation_id=_register(actor, firm, is_example=True)[0],
            rating=firm.rating, defaulted=firm.defaulted,
        )
        for firm in new
    ]  # fmt: skip
    KnownFirm.objects.bulk_create(records)
    known |= {record.code: record.organisation_id for record in records}
    return {firm.code: known[firm.code] for firm in listed}, len(new)


def _register(actor: Actor, firm: firms.FirmRow, *, is_example: bool) -> tuple[int, bool]:
    found = parties_queries.organisation_by_credit_code(firm.credit_code)
    if found:
        return found.id, False
    made = parties_operations.register_organisation(
        actor, kind=OrganisationKind.ENTERPRISE, name=firm.name, credit_code=firm.credit_code,
        district=firm.district, is_example=is_example,
    )  # fmt: skip
    return made.id, True


def _store(
    actor: Actor,
    outcome: _Outcome,
    kept: pl.DataFrame,
    organisations: dict[str, int],
    *,
    organisation_id: int | None = None,
    new_firms: int = 0,
) -> LoadResult:
    load = _record(outcome, LoadState.LOADED, organisation_id)
    load.invoices = store_invoices(kept, organisations, load)
    load.finished_at = clock.now()
    if not load.invoices and not outcome.into:
        load.message = _nothing_new(outcome, load)
    load.save(update_fields=["invoices", "finished_at", "message"])
    audit_operations.record(
        actor, SourcesAct.LOAD_FINISH, f"load:{load.uuid}",
        kind=str(outcome.kind), rows=outcome.report.rows, invoices=load.invoices,
    )  # fmt: skip
    events.publish(LoadFinished(load.uuid))
    return _result(load, outcome, ids=tuple(organisations.values()), new_firms=new_firms)


def _check_end(clean: cleaning.CleanInvoices, file: SourceFile) -> None:
    if clean.is_odd_at_end and reading.ends_open(file):
        raise reading.incomplete(file, f"最后一行（第 {clean.report.rows + 1} 行）读不全，且没有换行结尾")


def _nothing_new(outcome: _Outcome, load: Load) -> str:
    sha256 = _fingerprint(outcome.files[-1])["sha256"]
    same = Load.objects.filter(state=LoadState.LOADED, files__contains=[{"sha256": sha256}], pk__lt=load.pk).first()
    if same is None:
        return "文件中的发票此前都已入库，没有新增数据"
    day = same.finished_at.astimezone(clock.CITY_ZONE)
    return f"内容与 {day:%Y-%m-%d %H:%M} 导入的文件 {same.files[-1]['name']} 完全相同，没有新增数据"


def _hold(actor: Actor, outcome: _Outcome, organisation_id: int | None) -> LoadResult:
    prints = [_fingerprint(file)["sha256"] for file in outcome.files]
    if any([file["sha256"] for file in one.files] == prints for one in Load.objects.filter(state=LoadState.HELD)):
        raise UnableToLoad(
            f"文件 {outcome.files[-1].name} 的相同内容已暂存待核，不再重复暂存",
            field="file",
            remedy="请等运营人员放行或拒收；本次没有改动任何数据",
        )
    load = _record(outcome, LoadState.HELD, organisation_id, message=_reason(outcome))
    HeldFile.objects.bulk_create(
        HeldFile(load=load, position=place, name=file.name, content=zlib.compress(file.content, level=1))
        for place, file in enumerate(outcome.files)
    )
    audit_operations.record(
        actor, SourcesAct.LOAD_HOLD, f"load:{load.uuid}", kind=str(outcome.kind), faults=outcome.report.faults
    )
    return _result(load, outcome, ids=(), new_firms=0)


def _reason(outcome: _Outcome) -> str:
    report = outcome.report
    sample = report.samples[0]
    return (
        f"文件 {outcome.files[-1].name} 的 {report.rows} 行中有 {report.rejected} 行无法识别，"
        f"超过 {cleaning.MOST_REJECTED:.0%} 的上限，整个文件没有入库；"
        f"例如第 {sample.row} 行：{Fault(sample.fault).label}（{sample.value}）。"
        "请改正后重新导入，或由运营人员放行可识别的行"
    )


def _record(outcome: _Outcome, state: LoadState, organisation_id: int | None, *, message: str = "") -> Load:
    if outcome.into is not None:
        load = outcome.into
        load.state, load.report, load.finished_at = state, outcome.report.as_json(), clock.now()
        load.save(update_fields=["state", "report", "finished_at"])
        return load
    return Load.objects.create(
        kind=outcome.kind, state=state, organisation_id=organisation_id, message=message,
        files=[_fingerprint(file) for file in outcome.files], report=outcome.report.as_json(),
        started_at=outcome.started_at, finished_at=clock.now(),
    )  # fmt: skip


def _fingerprint(file: SourceFile) -> dict[str, Any]:
    return {"name": file.name, "sha256": hashlib.sha256(file.content).hexdigest(), "size": len(file.content)}


def _result(load: Load, outcome: _Outcome, *, ids: tuple[int, ...], new_firms: int) -> LoadResult:
    return LoadResult(
        uuid=load.uuid, kind=load.kind, state=load.state, firms=outcome.firms, new_firms=new_firms,
        invoices=load.invoices, report=outcome.report, organisation_ids=ids, message=load.message,
    )  # fmt: skip
