"""``finmart check``: what the linters cannot see."""

import click
import django
from django.core.management import call_command


@click.command(epilog="示例：finmart check")
def command() -> None:
    """检查配置、流程模型、数据分级与标准条款的声明；有错误时逐条列出，退出码为 1。"""
    django.setup()
    from finmart.config import deployment, grading, standard  # noqa: PLC0415 - after the application is loaded

    call_command("check", fail_level="WARNING")
    faults = [*deployment.faults(), *grading.faults(), *standard.faults(standard.clauses())]
    for fault in faults:
        click.echo(fault, err=True)
    raise SystemExit(1 if faults else 0)
