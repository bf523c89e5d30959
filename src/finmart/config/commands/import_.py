"""``finmart import``: bring firms and invoices into the store."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from finmart.config.commands import session
from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.data.sources.types import LoadResult, SourceFile

SME_STEPS = 6
_json_option = click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
_a_file = click.Path(path_type=Path)


@click.group()
def command() -> None:
    """导入企业与发票（CSV、XLSX、Parquet）。"""


@command.command("sme-invoices", epilog="示例：finmart import sme-invoices ../shared/data/sme-2020 --json")
@click.argument("folder", type=_a_file)
@_json_option
def sme_invoices(folder: Path, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """导入一个文件夹里的 enterprises.csv 与 invoices.parquet；重复导入不改变任何数据。"""
    enterprises, invoices = _read(folder / "enterprises.csv"), _read(folder / "invoices.parquet")
    with _import(as_json, SME_STEPS) as run:
        from finmart.centres.data.sources import operations  # noqa: PLC0415 - after the application is loaded

        run(
            lambda actor, on_step: operations.load_sme_2020(
                actor, enterprises=enterprises, invoices=invoices, on_step=on_step
            )
        )


@command.command(epilog="示例：finmart import invoices 发票.xlsx --firm 91320594MA1MYCODE5")
@click.argument("file", type=_a_file)
@click.option("--firm", required=True, help="企业的统一社会信用代码")
@_json_option
def invoices(file: Path, firm: str, as_json: bool) -> None:  # noqa: FBT001
    """导入一家已登记企业的发票。"""
    source = _read(file)
    with _import(as_json, 2) as run:
        from finmart.centres.data.sources import operations  # noqa: PLC0415
        from finmart.centres.technical.parties import queries as parties_queries  # noqa: PLC0415

        found = parties_queries.organisation_by_credit_code(firm.strip().upper())
        if found is None:
            raise click.ClickException(f"没有登记统一社会信用代码为 {firm} 的企业，请先用 finmart import firms 登记。")
        run(lambda actor, _: operations.load_invoices(actor, source, organisation_id=found.id))


@command.command(epilog="示例：finmart import firms 企业名单.csv")
@click.argument("file", type=_a_file)
@_json_option
def firms(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """登记一份名单里的企业（列：企业名称、统一社会信用代码，可有所属区县）。"""
    source = _read(file)
    with _import(as_json, 2) as run:
        from finmart.centres.data.sources import operations  # noqa: PLC0415

        run(lambda actor, _: operations.load_firms(actor, source))


def _read(path: Path) -> "SourceFile":
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415

    try:
        return SourceFile(path.name, path.read_bytes())
    except OSError as error:
        raise click.ClickException(f"读不到文件 {path}：{error.strerror}。请核对路径；没有改动任何数据。") from error


Load = Callable[[Any, Callable[[str], None]], "LoadResult"]


@contextmanager
def _import(as_json: bool, steps: int) -> Iterator[Callable[[Load], None]]:  # noqa: FBT001
    """Give the block a function that runs one load in one transaction, with a progress bar, and prints its result."""
    begun = time.perf_counter()
    with session.platform():
        yield lambda load: _run(load, as_json=as_json, steps=steps, begun=begun)


def _run(load: Load, *, as_json: bool, steps: int, begun: float) -> None:
    from finmart.centres.data.profiles import operations as profiles_operations  # noqa: PLC0415
    from finmart.kit import transactions  # noqa: PLC0415
    from finmart.kit.actor import Actor  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("准备", total=steps)
        try:
            with transactions.opened():
                actor = Actor.of_system("import")
                result = load(actor, lambda text: progress.update(bar, description=text, advance=1))
                progress.update(bar, description="计算画像", advance=1)
                facts = profiles_operations.compute(actor, result.organisation_ids) if result.invoices else 0
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    _show(result, facts, time.perf_counter() - begun, as_json=as_json)


def _show(result: "LoadResult", facts: int, seconds: float, *, as_json: bool) -> None:
    report = result.report
    answer = {
        "firms": result.firms,
        "rows": report.rows,
        "invoices": result.invoices,
        "duplicates": report.duplicates,
        "void": report.void,
        "negative": report.negative,
        "cleaned": report.cleaned,
        "rejected": report.rejected,
        "not_adding_up": report.not_adding_up,
        "facts": facts,
        "seconds": round(seconds, 1),
    }
    if as_json:
        session.print_json(answer)
    else:
        click.echo(
            f"企业 {result.firms} 家（新登记 {result.new_firms}）；读取 {report.rows} 行；"
            f"新入库发票 {result.invoices} 张；重复行 {report.duplicates}（只计一次）；"
            f"作废 {report.void}；状态含多余空格、已清洗 {report.cleaned}；"
            f"红字 {report.negative}（其中作废 {report.negative_void}）；"
            f"金额与税额之和不等于价税合计 {report.not_adding_up}（保留并标记）；"
            f"未入库的无法识别行 {report.rejected}；新算出画像数据 {facts} 项；用时 {seconds:.1f} 秒"
        )
    if result.state == "HELD":
        raise click.ClickException(result.message)
    if result.message:
        click.echo(result.message, err=True)
