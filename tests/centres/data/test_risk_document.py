"""The worked tables of docs/algorithms/scorecard.md say what the code computes."""

import numpy as np
import pytest

from finmart.centres.data.risk.rules import recutting
from finmart.centres.data.risk.rules.binning import DRAWN, FEWEST_BADS, FEWEST_ROWS, FEWEST_SHARE, cut_at, weight_of
from finmart.centres.data.risk.rules.leakage import TOO_GOOD
from finmart.centres.data.risk.rules.measures import index_of
from finmart.centres.data.risk.rules.scorecard import FACTOR, PRIORS, Part, chance_of
from finmart.config.places import CHECKOUT

DOCUMENT = CHECKOUT / "docs/algorithms/scorecard.md"


def _table(heading):
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = lines.index(heading) + 2
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end]]


@pytest.mark.clause("D4")
def test_the_worked_bins_come_out():
    rows = _table("| bin | goods | bads | woe | points |")
    goods, bads = sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows)
    assert (goods, bads) == (900, 100)
    for _, good, bad, woe, points in rows:
        found = weight_of(int(good), int(bad), goods, bads)
        assert f"{found:.4f}" == woe
        assert round(0.8 * found * FACTOR) == int(points)


@pytest.mark.clause("D4")
def test_the_worked_cut_comes_out():
    counts = ((0.2, 500, 20), (0.7, 150, 10), (1.2, 150, 20), (2.0, 90, 45), (np.nan, 10, 5))
    column = np.concatenate([np.full(goods + bads, value) for value, goods, bads in counts])
    bad = np.concatenate([np.arange(goods + bads) >= goods for _, goods, bads in counts])
    before = cut_at(column, bad, (0.5, 1.5))
    part = Part("x", before, tuple(int(row[4]) for row in _table("| bin | goods | bads | woe | points |")))
    found = recutting.cut(part, column, bad, (1.0,))
    told = [
        [str(one.goods), str(one.bads), f"{one.woe:.4f}", str(points)]
        for one, points in zip(found.binning.bins, found.points, strict=True)
    ]
    assert told == [row[1:] for row in _table("| bin cut anew | goods | bads | woe | points |")]


def test_the_worked_scores_and_index_come_out():
    for score, chance in _table("| score | chance of default |"):
        assert f"{chance_of(np.array([float(score)]))[0]:.4f}" == chance
    for before, after, index in _table("| share before | share after | index |"):
        shares = [[float(share) for share in cell.split(",")] for cell in (before, after)]
        assert f"{index_of(*shares):.4f}" == index


def test_the_marks_named_there_are_those_of_the_code():
    assert (FEWEST_ROWS, FEWEST_SHARE, DRAWN, FEWEST_BADS, TOO_GOOD) == (20, 0.05, 10, 100, 0.95)
    assert PRIORS == (0.03, 0.1, 0.3, 1, 3)
