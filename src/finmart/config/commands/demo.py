"""``finmart demo``: the sample city, served."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from finmart.config import database
from finmart.config.commands import serve, session, simulate

if TYPE_CHECKING:
    from finmart.twin.material import Material


@click.command(epilog="示例：finmart demo --port 8001")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True, help="监听端口")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="网页进程数")
@click.option("--firms", type=click.IntRange(10, 100_000), help="示例企业数（默认按城市包，仅首次生效）")
@click.option("--cases", type=click.IntRange(0, 10_000), help="示例案件数（默认按城市包，少于企业数）")
def command(port: int, workers: int, firms: int | None, cases: int | None) -> None:
    """准备示例城市并启动平台，登录页列出演示账号。仅供演示：账号是公开的，不要对外提供服务。"""
    os.environ["FINMART_DEMO"] = "1"
    if firms is not None and (cases is None or cases >= firms):
        raise click.BadParameter("示例案件数必须给出，且少于示例企业数", param_hint="--cases")
    sample = _sample(firms, cases)
    with session.told_in_one_sentence():
        database.make_secret()  # before the bank core starts: both sign with it
    with simulate.bank_core_beside(), simulate.sources_beside():
        counts = ("--firms", str(sample.firms), "--cases", str(sample.cases))
        telling = ("示例城市", "finmart.config.sample_cases", *counts)
        serve.serve("127.0.0.1", port, workers=workers, first=lambda: _open_doors(sample), beside=[telling])


def _sample(firms: int | None, cases: int | None) -> "Material":
    """Return the city's pack, with other counts of firms and cases where they are given."""
    from finmart.twin.material import material  # noqa: PLC0415 - not for every command

    pack = material()
    return replace(pack, firms=pack.firms if firms is None else firms, cases=pack.cases if cases is None else cases)


def _open_doors(sample: "Material") -> None:
    """Seed what the first visitor needs; quick when it is there. The rest is made while the platform already serves."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        from finmart.twin import seeding  # noqa: PLC0415 - after the application is loaded

        bars: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in bars:
                bars[label] = progress.add_task(label, total=total)
            progress.update(bars[label], completed=done, total=total)

        if seeding.open_doors(show, sample=sample):
            click.echo("示例企业、评分、案件与预警将在平台启动后的两三分钟内陆续出现，页面上有提示", err=True)
