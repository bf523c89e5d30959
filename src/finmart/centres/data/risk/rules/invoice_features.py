"""What models of risk read of a firm's invoices: facts of its profile, some on another scale.

Formulas have one home, the profile's table of fact types; here stands only which of them a model reads and how a fact
becomes a column (yuan for fen, logarithms of ratios). docs/algorithms/scorecard.md says why each is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.kit.codes import Code

_FIRM = "organisation_id"


class Scale(Code):
    """How a fact becomes a column."""

    AS_IS = "AS_IS", ""
    LOG_OF_GROWTH = "LOG_OF_GROWTH", "取 1 + 增长的对数；不为正则缺"
    LOG_OF_RATIO = "LOG_OF_RATIO", "取对数；不为正则缺"
    YUAN = "YUAN", "以元计"


_COLUMNS: dict[Scale, Callable[[pl.Expr], pl.Expr]] = {
    Scale.AS_IS: lambda fact: fact,
    Scale.LOG_OF_GROWTH: lambda fact: pl.when(fact > -1).then((fact + 1).log()),
    Scale.LOG_OF_RATIO: lambda fact: pl.when(fact > 0).then(fact.log()),
    Scale.YUAN: lambda fact: fact / 100,
}


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of a model and the fact it is made of."""

    code: str
    fact_type: str
    scale: Scale = Scale.AS_IS

    @property
    def label(self) -> str:
        return FACT_TYPES[self.fact_type].label

    @property
    def unit(self) -> str:
        return "对数" if self.scale in {Scale.LOG_OF_GROWTH, Scale.LOG_OF_RATIO} else FACT_TYPES[self.fact_type].unit

    @property
    def formula(self) -> str:
        formula = FACT_TYPES[self.fact_type].formula
        return f"{formula}；{self.scale.label}" if self.scale.label else formula


def _pair(code: str, fact_type: str, scale: Scale = Scale.AS_IS) -> tuple[Feature, Feature]:
    """Return the feature of sales and its twin of purchases."""
    sales, purchases = (
        Feature(f"{side}_{code}", fact_type.replace("SIDE", side).replace("PARTNER", partner), scale)
        for side, partner in (("sales", "customer"), ("purchases", "supplier"))
    )
    return sales, purchases


FEATURES = (
    *_pair("year", "annual_SIDE_fen", Scale.YUAN),
    *_pair("month_median", "SIDE_month_median_fen", Scale.YUAN),
    *_pair("invoice_mean", "SIDE_invoice_mean_fen", Scale.YUAN),
    *_pair("invoices_a_month", "SIDE_invoices_a_month"),
    *_pair("active_share", "SIDE_active_share"),
    *_pair("quiet_days", "SIDE_quiet_days"),
    *_pair("longest_gap", "SIDE_longest_gap_days"),
    *_pair("growth", "SIDE_growth", Scale.LOG_OF_GROWTH),
    *_pair("turn", "SIDE_growth_3m", Scale.LOG_OF_GROWTH),
    *_pair("volatility", "SIDE_volatility_24m"),
    *_pair("partners", "PARTNER_count"),
    *_pair("top_share", "PARTNER_top_share_ever"),
    *_pair("concentration", "PARTNER_concentration_ever"),
    *_pair("loyal_share", "loyal_PARTNER_share"),
    *_pair("void_share", "SIDE_void_share"),
    *_pair("red_share", "SIDE_red_share"),
    *_pair("tax_rate", "SIDE_tax_rate"),
    *_pair("weekend_share", "SIDE_weekend_share"),
    *_pair("weekday_evenness", "SIDE_weekday_evenness"),
    *_pair("days_a_month", "SIDE_days_a_month"),
    *_pair("partner_void_share", "PARTNER_void_elsewhere"),
    *_pair("shared_share", "shared_PARTNER_share"),
    Feature("months_known", "invoice_months_known"),
    Feature("purchases_to_sales", "purchases_to_sales", Scale.LOG_OF_RATIO),
    Feature("value_added_year", "value_added_fen", Scale.YUAN),
    Feature("tax_burden", "tax_burden"),
    Feature("ceiling_share", "ceiling_share"),
)


def columns_of(facts: pl.DataFrame, firms: Sequence[str | int]) -> dict[str, NDArray[np.float64]]:
    """Return the columns of these firms, in this order, as a model takes them: nan where unknown.

    ``facts`` has a row per firm and a column per invoice fact (``profiles.queries.features_of``).
    """
    ordered = pl.DataFrame({_FIRM: firms}, schema={_FIRM: facts.schema[_FIRM]}).join(
        facts, on=_FIRM, how="left", maintain_order="left"
    )
    made = ordered.select(
        _COLUMNS[feature.scale](pl.col(feature.fact_type)).cast(pl.Float64).alias(feature.code) for feature in FEATURES
    )
    return {code: made[code].fill_null(float("nan")).to_numpy().astype(np.float64) for code in made.columns}
