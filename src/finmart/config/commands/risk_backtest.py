"""``finmart risk backtest``: how well a model would have told defaults, on data one has."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import django
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from finmart.config.commands import session
from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.data.risk.types import Backtest
    from finmart.centres.data.sources.types import SourceFile

_KINDS = click.Choice(["scorecard", "challenger", "logit"])
_COMMAS = "，多个用英文逗号分隔"


@click.command(
    epilog="示例：finmart risk backtest ../shared/data/sme-2020 --json；"
    "finmart risk backtest loans.csv --label Default --split Selected --json"
)
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--label", default="", help="表：标签列（违约与否）")
@click.option("--bad", default="", help="表：标签列中代表违约的值（默认认得 1/0、是/否 等）")
@click.option("--split", default="", help="表：划分训练与检验的列；不给则做重复交叉检验")
@click.option("--train", default="", help="表：划分列中代表训练行的值（默认 1）")
@click.option("--features", default="", help=f"表：作为特征的列（默认全部可用的列）{_COMMAS}")
@click.option("--texts", default="", help=f"表：数字其实是代码的列{_COMMAS}")
@click.option("--model", type=_KINDS, default="scorecard", show_default=True, help="评分卡、LightGBM 或普通逻辑回归")
@click.option("--despite-leaks", is_flag=True, help="不拒绝泄露结果的列；只用于复现已发表的结果")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def backtest(source: Path, model: str, as_json: bool, **options: Any) -> None:  # noqa: FBT001 - a command line flag
    """回测：DIR 为含 enterprises.csv 与 invoices.parquet 的文件夹，TABLE 为 CSV、XLSX 或 Parquet 表。"""
    django.setup()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("读取数据并计算特征", total=None)
        try:
            found = _backtest(
                source, model.upper(), options,
                lambda run: progress.update(bar, description="重复交叉检验", total=10, completed=run),
            )  # fmt: skip
        except Refusal as refusal:
            remedy = f"{refusal.remedy}。" if refusal.remedy else ""
            raise click.ClickException(f"{refusal.message}。{remedy}") from refusal
    if as_json:
        session.print_json(_answer(found))
    else:
        _show(found)


def _backtest(source: Path, kind: str, options: dict[str, Any], on_run: Any) -> "Backtest":
    from finmart.centres.data.risk import queries  # noqa: PLC0415 - after the application is loaded
    from finmart.centres.data.risk.types import ModelKind, TableOptions  # noqa: PLC0415

    if source.is_dir():
        enterprises, invoices = _read(source / "enterprises.csv"), _read(source / "invoices.parquet")
        return queries.backtest_sme_2020(
            enterprises=enterprises, invoices=invoices, kind=ModelKind(kind), on_run=on_run
        )  # fmt: skip
    if not options["label"]:
        raise click.ClickException("请用 --label 写明标签列。")
    features, texts = (tuple(filter(None, options.pop(name).split(","))) for name in ("features", "texts"))
    table = TableOptions(**options, features=features, texts=texts, plain=kind == "LOGIT")
    return queries.backtest_table(_read(source), table, kind=ModelKind(kind), on_run=on_run)


def _read(path: Path) -> "SourceFile":
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415

    try:
        return SourceFile(path.name, path.read_bytes())
    except OSError as error:
        raise click.ClickException(f"读不到文件 {path}：{error.strerror}。请核对路径。") from error


def _answer(found: "Backtest") -> dict[str, Any]:
    told = found.measures
    return {
        "auc": round(told.auc, 4),
        "auc_spread": round(told.auc_spread, 4),
        "ks": round(told.ks, 4),
        "brier": round(told.brier, 4),
        "confusion": asdict(told.confusion),
        "rows": told.rows,
        "bads": told.bads,
        "model": str(found.kind),
        "label": found.label,
        "how": found.how,
        "stability": None if told.stability is None else round(told.stability, 4),
        "calibration": [asdict(row) for row in told.calibration],
        "columns": list(found.columns),
        "refused": [{"column": leak.column, "reason": str(leak.reason)} for leak in found.refused],
    }


def _show(found: "Backtest") -> None:
    told, table = found.measures, found.measures.confusion
    click.echo(f"{found.kind.label}；标签：{found.label}；{found.how}")
    click.echo(
        f"AUC {told.auc:.4f} ± {told.auc_spread:.4f}，KS {told.ks:.4f}，Brier {told.brier:.4f}，"
        f"检验 {told.rows} 行，其中违约 {told.bads} 行"
    )
    click.echo(
        f"以违约概率 {table.threshold:.0%} 为界：违约判中 {table.tp}、漏判 {table.fn}；"
        f"未违约误判 {table.fp}、判对 {table.tn}"
    )
    if told.stability is not None:
        click.echo(f"训练与检验的分数稳定性 PSI {told.stability:.4f}")
    for row in told.calibration:
        click.echo(f"  {row.rows} 行：预期 {row.expected:.1%}，实际 {row.observed:.1%}")
    if found.refused:
        click.echo("没有使用的列：" + "；".join(f"{leak.column}（{leak.reason.label}）" for leak in found.refused))
