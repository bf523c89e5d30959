"""``finmart demo``: the sample city, served."""

import os
import subprocess
import sys

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from finmart.config.commands import serve, session, simulate


@click.command(epilog="示例：finmart demo --port 8001")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True, help="监听端口")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="网页进程数")
def command(port: int, workers: int) -> None:
    """准备示例城市并启动平台，登录页列出演示账号。仅供演示：账号是公开的，不要对外提供服务。"""
    os.environ["FINMART_DEMO"] = "1"
    with simulate.bank_core_beside():
        seed()
        serve.serve("127.0.0.1", port, workers=workers)


def seed() -> None:
    """Seed the sample city; done once, and quick when it is there. Needs a bank core beside it."""
    with session.platform(), Progress(console=Console(stderr=True), transient=True) as progress:
        from finmart.twin import seeding  # noqa: PLC0415 - after the application is loaded

        bars: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in bars:
                bars[label] = progress.add_task(label, total=total)
            progress.update(bars[label], completed=done, total=total)

        seeding.seed(show)
        seeding.seed_cases(_pay, show)


def _pay() -> None:
    """Have a worker carry out what waits, in a process of its own as always."""
    subprocess.run([sys.executable, "-m", "finmart.config.worker", "--until-idle"], check=True)
