"""Features of risk from a handful of invoices, by hand."""

from datetime import date
from math import isinf, isnan

import polars as pl
import pytest

from finmart.centres.data.profiles.rules.from_invoices import facts_of
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.risk.rules.invoice_features import FEATURES, columns_of


def _invoices(*rows):
    names = ["organisation_id", "direction", "issued_on", "counterparty", "amount_fen", "tax_fen", "is_void"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns((~pl.col("is_void")).alias("is_effective"))


@pytest.fixture(scope="module")
def firms():
    year = [
        ("E1", "OUT", date(2019, month, 5), "B1" if month % 2 else "B2", 100_000, 13_000, False)
        for month in range(1, 13)
    ]
    invoices = _invoices(
        *year,
        ("E1", "OUT", date(2019, 12, 6), "B1", -20_000, -2_600, False),
        ("E1", "OUT", date(2019, 12, 31), "B3", 500_000, 65_000, True),
        ("E1", "IN", date(2019, 6, 1), "A1", 300_000, 9_000, False),
        ("E2", "IN", date(2019, 6, 3), "A1", 50_000, 1_500, True),
        ("E2", "IN", date(2019, 12, 2), "A1", 50_000, 1_500, False),
    )
    columns = columns_of(facts_of(invoices, date(2019, 12, 31)), ["E1", "E2"])
    return [
        {code: None if isnan(values[place]) else values[place] for code, values in columns.items()} for place in (0, 1)
    ]


def test_every_feature_is_there_once_and_explained():
    codes = [feature.code for feature in FEATURES]
    assert len(set(codes)) == len(codes) == 49
    assert len({feature.formula for feature in FEATURES}) == len(codes)
    assert len({feature.label for feature in FEATURES}) == len(codes)
    assert {feature.fact_type for feature in FEATURES} <= {
        code for code, kind in FACT_TYPES.items() if kind.is_computed
    }


def test_features_by_hand(firms):
    first = firms[0]
    assert first["sales_year"] == 12 * 1000 - 200
    assert first["value_added_year"] == first["sales_year"] - 3000
    assert first["sales_active_share"] == 1
    assert first["months_known"] == 12
    assert first["sales_void_share"] == 1 / 14
    assert first["sales_red_share"] == 200 / 12_000
    assert first["sales_top_share"] == 0.5
    assert first["sales_concentration"] == 0.5
    assert first["sales_quiet_days"] == 25
    assert first["sales_tax_rate"] == pytest.approx(0.13)
    assert first["purchases_partner_void_share"] == 0.5  # of A1's two invoices with E2 one is void
    assert first["purchases_shared_share"] == 1
    assert first["sales_partner_void_share"] is None  # its customers trade with nobody else
    assert first["tax_burden"] == pytest.approx((13_000 * 12 - 2_600 - 9_000) / (12 * 100_000 - 20_000))


def test_what_the_invoices_cannot_tell_is_missing_and_not_zero(firms):
    second = firms[1]
    for code in ("sales_year", "sales_void_share", "sales_growth", "tax_burden", "purchases_to_sales", "ceiling_share"):
        assert second[code] is None, code
    assert firms[0]["sales_growth"] is None  # twelve months only
    assert not any(isinf(value) for firm in firms for value in firm.values() if value is not None)
