"""``finmart risk backtest``: how well a model would have told defaults, on data one has."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import django

from finmart.config.commands import risk_sources, session

if TYPE_CHECKING:
    from finmart.centres.data.risk.types import Backtest

_KINDS = click.Choice(["scorecard", "challenger", "logit"])


@click.command(
    epilog="示例：finmart risk backtest ../shared/data/sme-2020 --json；"
    "finmart risk backtest loans.csv --label Default --split Selected --json"
)
@risk_sources.takes_source
@click.option("--model", type=_KINDS, default="scorecard", show_default=True, help="评分卡、LightGBM 或普通逻辑回归")
@click.option("--despite-leaks", is_flag=True, help="不拒绝泄露结果的列；只用于复现已发表的结果")
def backtest(source: Path, model: str, as_json: bool, despite_leaks: bool, **words: Any) -> None:  # noqa: FBT001
    """回测：SOURCE 为含 enterprises.csv 与 invoices.parquet 的文件夹，或一张 CSV、XLSX、Parquet 表。不读写数据库。"""
    django.setup()  # the face of a centre may hold models; none is read
    from finmart.centres.data.risk import queries  # noqa: PLC0415 - after the application is loaded
    from finmart.centres.data.risk.types import ModelKind  # noqa: PLC0415

    kind = ModelKind(model.upper())
    with risk_sources.progress() as on_run:
        given = risk_sources.read(source, words, plain=kind == ModelKind.LOGIT, despite_leaks=despite_leaks)
        if given.options is None:
            enterprises, invoices = given.files
            found = queries.backtest_sme_2020(enterprises=enterprises, invoices=invoices, kind=kind, on_run=on_run)
        else:
            found = queries.backtest_table(given.files[0], given.options, kind=kind, on_run=on_run)
    if as_json:
        session.print_json(_answer(found))
    else:
        _show(found)


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
        "gaps": [asdict(row) for row in told.gaps],
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
    for one in told.gaps:
        click.echo(
            f"  {one.group}：{one.rows} 行，违约 {one.bads}，平均违约概率 {one.mean_chance:.1%}，"
            f"低于界限 {one.passed_share:.1%}"
        )
    if found.refused:
        click.echo("没有使用的列：" + "；".join(f"{leak.column}（{leak.reason.label}）" for leak in found.refused))
