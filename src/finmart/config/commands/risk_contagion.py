"""``finmart risk contagion``: what each node's failure does to the others, from a matrix of exposures."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import django
from rich.console import Console
from rich.table import Table

from finmart.config.commands import session
from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.data.risk.types import ShockOutcome

_a_file = click.Path(path_type=Path)


@click.command(epilog="示例：finmart risk contagion 敞口矩阵.csv 余额表.csv --method debtrank --json")
@click.argument("exposures", type=_a_file)
@click.argument("balances", type=_a_file)
@click.option("--method", type=click.Choice(["debtrank", "threshold"]), default="debtrank", show_default=True,
              help="传染方法，见 docs/algorithms/contagion.md")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def contagion(exposures: Path, balances: Path, method: str, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """逐一假设每个主体倒下，计算其余主体的压力、损失与倒下数。不读写数据库。

    EXPOSURES：敞口方阵，第一列是行名，第 i 行第 j 列是 j 倒下时 i 损失的金额。
    BALANCES：名称、buffer（资本缓冲）、weights（权重）。
    """
    django.setup()  # the face of a centre may hold models; none is read
    from finmart.centres.data.risk import queries  # noqa: PLC0415 - after the application is loaded
    from finmart.centres.data.risk.types import SpreadMethod  # noqa: PLC0415
    from finmart.centres.data.sources import queries as sources_queries  # noqa: PLC0415
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415

    try:
        tables = [sources_queries.table_of(SourceFile(file.name, file.read_bytes())) for file in (exposures, balances)]
        outcomes = queries.contagion_of(tables[0], tables[1], SpreadMethod(method.upper()))
    except OSError as error:
        raise click.ClickException(f"读不到文件 {error.filename}：{error.strerror}。请核对路径。") from error
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    if as_json:
        session.print_json([asdict(outcome) for outcome in outcomes])
    else:
        _print(outcomes)


def _print(outcomes: list["ShockOutcome"]) -> None:
    shown = Table("倒下的主体", "自身占比", "新增压力", "自身损失", "新增损失", "新增倒下")
    for one in sorted(outcomes, key=lambda outcome: -outcome.additional_stress):
        shown.add_row(
            one.scenario,
            f"{one.original_stress:.4f}",
            f"{one.additional_stress:.4f}",
            f"{one.original_losses:,.2f}",
            f"{one.additional_losses:,.2f}",
            str(one.additional_defaults),
        )
    Console().print(shown)
