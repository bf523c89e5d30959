"""``finmart audit verify``: prove the trail whole."""

import click
from rich.console import Console
from rich.progress import Progress

from finmart.config.commands import session


@click.group()
def command() -> None:
    """审计留痕。"""


@command.command(epilog="示例：finmart audit verify --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def verify(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """逐条核验审计哈希链，指出第一条被改、缺失或插入的记录；不完整时退出码为 1。"""
    with session.platform(), Progress(console=Console(stderr=True), transient=True) as progress:
        from finmart.centres.technical.audit import queries  # noqa: PLC0415 - after the application is loaded

        bar = progress.add_task("核验审计链", total=queries.count_rows())
        result = queries.verify(lambda rows: progress.update(bar, completed=rows))
    fault = result.first_fault
    first_bad = (
        {"shard": fault.shard, "position": fault.position, "kind": fault.kind, "tag": fault.tag} if fault else None
    )
    if as_json:
        session.print_json({"ok": result.ok, "rows": result.rows, "first_bad": first_bad})
    elif fault:
        click.echo(f"审计链不完整：分片 {fault.shard} 第 {fault.position} 条 {fault.kind} {fault.tag}")
    else:
        click.echo(f"审计链完整，共 {result.rows} 条")
    raise SystemExit(0 if result.ok else 1)
