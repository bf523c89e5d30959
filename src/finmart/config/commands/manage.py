"""``finmart manage``: Django's own commands, for builders (makemigrations, shell)."""

import click
from django.core.management import call_command

from finmart.config.commands import session


@click.command(context_settings={"ignore_unknown_options": True}, epilog="示例：finmart manage makemigrations parties")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, required=True)
def command(words: tuple[str, ...]) -> None:
    """运行 Django 管理命令（供开发者使用）。"""
    with session.platform(prepare=words[0] != "makemigrations"):
        call_command(*words)
