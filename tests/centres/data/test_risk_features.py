"""Features of risk from a handful of invoices, by hand."""

from datetime import date

import polars as pl
import pytest

from finmart.centres.data.risk.rules.invoice_features import FEATURES, features_of


def _invoices(*rows):
    names = ["enterprise", "direction", "issued_on", "counterparty", "amount_fen", "tax_fen", "is_void"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns((~pl.col("is_void")).alias("is_effective"))


@pytest.fixture(scope="module")
def firms():
    year = [
        ("E1", "OUT", date(2019, month, 5), "B1" if month % 2 else "B2", 100_000, 13_000, False)
        for month in range(1, 13)
    ]
    return features_of(
        _invoices(
            *year,
            ("E1", "OUT", date(2019, 12, 6), "B1", -20_000, -2_600, False),
            ("E1", "OUT", date(2019, 12, 31), "B3", 500_000, 65_000, True),
            ("E1", "IN", date(2019, 6, 1), "A1", 300_000, 9_000, False),
            ("E2", "IN", date(2019, 6, 3), "A1", 50_000, 1_500, True),
            ("E2", "IN", date(2019, 12, 2), "A1", 50_000, 1_500, False),
        )
    )


def test_every_feature_is_there_once_and_explained():
    codes = [feature.code for feature in FEATURES]
    assert len(set(codes)) == len(codes) == 49
    assert len({feature.formula for feature in FEATURES}) == len(codes)
    assert len({feature.label for feature in FEATURES}) == len(codes)


def test_features_by_hand(firms):
    first = firms.row(0, named=True)
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
    second = firms.row(1, named=True)
    assert second["enterprise"] == "E2"
    for code in ("sales_year", "sales_void_share", "sales_growth", "tax_burden", "purchases_to_sales", "ceiling_share"):
        assert second[code] is None, code
    assert firms.row(0, named=True)["sales_growth"] is None  # twelve months only
    assert (
        not firms.select(pl.selectors.float().is_nan().any() | pl.selectors.float().is_infinite().any())
        .row(0)
        .count(True)
    )
