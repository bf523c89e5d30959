"""What the centre answers; pure answers on tables somebody brings ask no actor, nothing of the platform is in them."""

from finmart.centres.data.risk.queries.backtests import backtest_sme_2020, backtest_table
from finmart.centres.data.risk.queries.contagion import contagion_of, shock

__all__ = ["backtest_sme_2020", "backtest_table", "contagion_of", "shock"]
