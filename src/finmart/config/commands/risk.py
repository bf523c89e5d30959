"""``finmart risk``: what may go wrong, computed from tables somebody brings."""

import click

from finmart.config.commands.risk_backtest import backtest
from finmart.config.commands.risk_contagion import contagion


@click.group()
def command() -> None:
    """风险：回测、传染。"""


command.add_command(backtest)
command.add_command(contagion)
