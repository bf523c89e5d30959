"""``finmart migrate``: bring the database to this version."""

import click

from finmart.config.commands import session


@click.command(epilog="示例：finmart migrate")
def command() -> None:
    """建立或升级数据库（serve 与 demo 会自动执行；服务器部署时单独执行）。"""
    with session.platform():
        click.echo("数据库已是当前版本", err=True)
