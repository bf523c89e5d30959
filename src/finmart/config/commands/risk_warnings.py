"""``finmart risk warnings``: how good the warnings would have been on a history."""

from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from finmart.config.commands import session
from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.governance.warnings.types import AlertQuality

LEAST_WIDTH = 110  # of a table that goes to a file
_NAMES = ("enterprises.csv", "invoices.parquet")


@click.command(epilog="示例：finmart risk warnings ../shared/data/sme-2020 --json")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def warnings(folder: Path, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """用历史发票检验“开票销售额骤降”“客户流失”“作废发票过多”三种预警：提前量、准确率、召回率，按现行阈值；不写数据库。

    FOLDER：含 enterprises.csv 与 invoices.parquet 的文件夹。
    """
    try:
        files = [(name, (folder / name).read_bytes()) for name in _NAMES]
    except OSError as error:
        raise click.ClickException(f"读不到文件 {error.filename}：{error.strerror}。请核对路径。") from error
    with session.platform():
        from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415 - after the application is loaded
        from finmart.centres.governance.warnings import queries  # noqa: PLC0415

        try:
            enterprises, invoices = (SourceFile(name, content) for name, content in files)
            rows = queries.quality_on_sme_2020(enterprises=enterprises, invoices=invoices)
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    if as_json:
        session.print_json([{**asdict(row), "threshold": float(row.threshold)} for row in rows])
    else:
        _print(rows)


def _print(rows: list["AlertQuality"]) -> None:
    for outcome, listed in groupby(rows, lambda row: row.outcome):
        shown = Table("信号", "等级", "不低于", "预警", "应验", "迟到", "准确率", "随机", "结局", "召回率", "提前")
        shown.title = outcome.label
        for row in listed:
            shares = [f"{one:.1%}" if one is not None else "—" for one in (row.precision, row.base_rate, row.recall)]
            lead = f"{row.lead_months:g}" if row.lead_months is not None else "—"
            shown.add_row(
                row.signal.label, row.grade.label, f"{row.threshold:.0%}", str(row.alerts), str(row.hits),
                str(row.late), shares[0], shares[1], str(row.events), shares[2], lead,
            )  # fmt: skip
        Console(width=LEAST_WIDTH if not Console().is_terminal else None).print(shown)
