"""``finmart check``: what the linters cannot see."""

import click
import django
from django.core.management import call_command


@click.command(epilog="示例：finmart check")
def command() -> None:
    """检查配置、迁移与流程模型；有错误时退出码不为 0。"""
    django.setup()
    call_command("check", fail_level="WARNING")
