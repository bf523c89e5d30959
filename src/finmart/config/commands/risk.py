"""``finmart risk``: what may go wrong, computed from tables somebody brings."""

import click

from finmart.config.commands.risk_backtest import backtest
from finmart.config.commands.risk_contagion import contagion
from finmart.config.commands.risk_score import replay, score
from finmart.config.commands.risk_train import train
from finmart.config.commands.risk_warnings import warnings


@click.group()
def command() -> None:
    """风险：训练、回测、评分、传染、预警检验。"""


command.add_command(backtest)
command.add_command(contagion)
command.add_command(replay)
command.add_command(score)
command.add_command(train)
command.add_command(warnings)
