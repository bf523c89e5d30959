"""What P5 and P6 say is computed from what was shown and what became of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finmart.centres.business.applications.types import ApplicationPath
from finmart.centres.business.matching.rules import quality
from finmart.centres.business.matching.types import MatchState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _shown(run, firm, product, bank, rank, state=MatchState.ELIGIBLE, hours=0):
    return quality.Shown(run, firm, NOON + timedelta(hours=hours), product, bank, state, rank)


def _path(firm, product, *, offered=False, signed=False, refused=False, hours=5):
    return ApplicationPath(firm, 1, product, NOON + timedelta(hours=hours), offered, signed, refused)


@pytest.mark.clause("P6")
def test_a_match_counts_once_and_a_rank_is_that_of_the_latest_match_before_applying():
    shown = [
        _shown(1, 7, 10, 1, 4), _shown(1, 7, 11, 2, 1),
        _shown(2, 7, 10, 1, 2, hours=1),
        _shown(3, 7, 10, 1, 9, hours=8),
        _shown(4, 8, 10, 1, 3, MatchState.NEAR_MISS),
    ]  # fmt: skip
    paths = [_path(7, 10, offered=True, signed=True), _path(7, 11), _path(8, 10, offered=True), _path(9, 10)]
    found = quality.precision(shown, paths)
    assert (found.matches, found.offers, found.offer_share) == (2, 1, 0.5)
    assert (found.signed, found.signed_ranked, found.median_rank, found.top_share) == (1, 1, 2, 1.0)
    assert quality.precision([], []).offer_share is None


@pytest.mark.clause("P5")
def test_exposure_is_even_where_ranks_take_turns_and_uneven_where_one_is_always_first():
    even = [_shown(run, run, bank, bank, 1 + (run + bank) % 2) for run in (1, 2) for bank in (0, 1)]
    assert quality.exposure(even).gini == pytest.approx(0)
    always = [_shown(run, run, bank, bank, 1 + bank) for run in (1, 2) for bank in (0, 1)]
    found = quality.exposure(always)
    first = 1 / ((1 + 0.6309297535714575) / 2)
    assert found.most == pytest.approx(first)
    assert found.least == pytest.approx(2 - first)
    assert found.gini == pytest.approx((first - 1) / 2)
    own = [*always, _shown(1, 1, 5, 0, 3)]
    assert quality.exposure(own) == found, "a second product buys no attention"
    assert quality.exposure([]).gini is None


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.integers(1, 9))
def test_gini_lies_between_none_and_all_and_knows_no_unit(values, scale):
    found = quality.gini(values)
    if found is not None:
        assert -1e-9 <= found <= 1
        assert quality.gini([scale * one for one in values]) == pytest.approx(found, abs=1e-6)
        plain = sum(abs(a - b) for a in values for b in values) / (2 * len(values) * sum(values))
        assert found == pytest.approx(plain, abs=1e-9)


@pytest.mark.clause("P5")
def test_approval_differs_between_groups_that_are_large_enough():
    paths = [_path(firm, 1, offered=firm % 4 != 0, refused=firm % 4 == 0) for firm in range(20)]
    paths += [_path(firm, 1, refused=True) for firm in range(20, 30)]
    paths += [_path(99, 1), _path(50, 1, offered=True)]
    group_of = {firm: "SMALL" if firm < 20 else "MICRO" for firm in range(30)} | {50: "LARGE", 99: "SMALL"}
    found = quality.approval_gap("规模", paths, group_of, least=10)
    assert found.rows == (("MICRO", 0.0, 10), ("SMALL", 0.75, 20))
    assert found.gap == 0.75
    assert quality.approval_gap("规模", paths, group_of, least=11).gap is None
