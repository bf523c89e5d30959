"""``finmart work``: a worker of its own, beside the ones that ``serve`` starts."""

import click

from finmart.config import worker
from finmart.config.commands import session


@click.command(epilog="示例：finmart work --concurrency 4")
@click.option("--concurrency", type=click.IntRange(1, 32), default=2, show_default=True, help="同时执行的任务数")
def command(concurrency: int) -> None:
    """执行后台任务（通知、期限、定时任务），直到按 Ctrl-C；可同时运行多个，被强行终止的任务由其他进程接手。"""
    with session.platform():
        click.echo(f"后台任务进程已启动，同时执行 {concurrency} 项；按 Ctrl-C 结束", err=True)
        worker.work(concurrency)
