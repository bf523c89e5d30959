"""What the centre answers; pure answers on tables somebody brings ask no actor, nothing of the platform is in them."""

from finmart.centres.data.risk.queries.backtests import backtest_sme_2020, backtest_table
from finmart.centres.data.risk.queries.contagion import circles_through, contagion_of, guarantee_graph, shock
from finmart.centres.data.risk.queries.scores import (
    READ_FACTS,
    own_score_for,
    replay,
    replay_all,
    score_seen_by,
)
from finmart.centres.data.risk.queries.versions import (
    INVOICE_MODEL,
    card_for,
    card_in_force_for,
    figures,
    is_in_force,
    may_change,
    may_learn,
    models_for,
    outcomes_for,
)

__all__ = [
    "INVOICE_MODEL",
    "READ_FACTS",
    "backtest_sme_2020",
    "backtest_table",
    "card_for",
    "card_in_force_for",
    "circles_through",
    "contagion_of",
    "figures",
    "guarantee_graph",
    "is_in_force",
    "may_change",
    "may_learn",
    "models_for",
    "outcomes_for",
    "own_score_for",
    "replay",
    "replay_all",
    "score_seen_by",
    "shock",
]
