"""Binning, points, measures and refusals, on rows made up here."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmart.centres.data.risk.rules import backtesting, leakage, measures, scorecard, tables
from finmart.centres.data.risk.rules.binning import DRAWN, bin_numbers, bin_texts, weight_of
from finmart.centres.data.risk.types import LeakReason, ModelKind, TableOptions, UnableToTrain


def _rows(count=600, seed=3):
    chance = np.random.default_rng(seed)
    risk = chance.normal(size=count)
    bad = chance.random(count) < 1 / (1 + np.exp(1.5 - 1.5 * risk))
    noisy = risk + chance.normal(size=count)
    noisy[::17] = np.nan
    district = np.where(risk + chance.normal(size=count) > 0, "园区", "姑苏")
    return {"noisy": noisy, "district": [str(name) for name in district], "chance": chance.normal(size=count)}, bad


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(30, 400), st.booleans())
def test_bins_go_one_way_hold_everybody_and_keep_the_missing_apart(seed, count, plenty):
    chance = np.random.default_rng(seed)
    size = count + (300 if plenty else 0)
    column = np.round(chance.normal(size=size), 1)
    bad = chance.random(size) < (0.5 if plenty else 0.1)
    bad[:2] = [True, False]
    column[2:9] = np.nan
    binning = bin_numbers(column, bad)
    *known, missing = binning.bins
    weights = [b.weight for b in known]
    assert weights in (sorted(weights), sorted(weights, reverse=True))
    assert missing.is_missing
    assert missing.goods + missing.bads == 7
    assert sum(b.goods for b in binning.bins) == int((~bad).sum())
    assert sum(b.bads for b in binning.bins) == int(bad.sum())
    counted = np.bincount(binning.positions(column), minlength=len(binning.bins))
    assert [b.goods + b.bads for b in binning.bins] == counted.tolist()


def test_no_monotone_binning_of_the_same_pieces_tells_more():
    columns, bad = _rows(900)
    found = bin_numbers(columns["chance"] + bad, bad)
    edges = [b.upper for b in found.bins[:-2]]
    whole = int((~bad).sum()), int(bad.sum())
    for gone in edges:  # joining any two neighbours never tells more
        joined = [edge for edge in edges if edge != gone]
        place = np.searchsorted(joined, columns["chance"] + bad, side="right")
        told = 0.0
        for each in range(len(joined) + 1):
            goods, bads = int((~bad)[place == each].sum()), int(bad[place == each].sum())
            told += (goods / whole[0] - bads / whole[1]) * weight_of(goods, bads, *whole)
        assert told <= found.information + 1e-12


def test_an_empty_bin_weighs_nothing_and_a_small_one_little():
    assert weight_of(0, 0, 90, 10) == 0
    assert weight_of(0, 2, 900, 100) > weight_of(0, 200, 9000, 1000)
    assert DRAWN == 10


def test_unseen_texts_fall_to_the_rest_and_missing_ones_to_the_missing():
    bad = np.array(([True] * 40 + [False] * 60) * 2)
    binning = bin_texts((["a"] * 50 + ["b"] * 50) * 2, bad)
    rest, missing = len(binning.bins) - 2, len(binning.bins) - 1
    assert binning.positions(["never seen", None, ""]).tolist() == [rest, missing, missing]
    assert binning.weights(["never seen", None]).tolist() == [0.0, 0.0]


@pytest.mark.clause("D4")
def test_a_score_is_the_sum_of_points_that_people_can_read():
    columns, bad = _rows()
    card = scorecard.fit(columns, bad)
    scores = card.scores(columns)
    for row in (0, 1, 17):
        by_hand = card.base
        for part in card.parts:
            value = columns[part.code][row]
            by_hand += part.points[int(part.binning.positions([value])[0])]
        assert scores[row] == by_hand
    assert measures.auc(card.chances(columns), bad) > 0.75
    assert scorecard.chance_of(np.array([600.0]))[0] == pytest.approx(1 / 21)
    assert scorecard.chance_of(np.array([640.0]))[0] == pytest.approx(1 / 41)


@pytest.mark.clause("D4")
def test_reasons_name_what_cost_most_and_missing_is_not_zero():
    columns, bad = _rows()
    card = scorecard.fit(columns, bad)
    worst = card.reasons({"noisy": 9.0, "district": "园区", "chance": 0.0})
    assert worst[0][0] == "noisy"
    assert [cost for _, cost in worst] == sorted((cost for _, cost in worst), reverse=True)
    part = next(part for part in card.parts if part.code == "noisy")
    missing, zero = (int(part.binning.positions([value])[0]) for value in (np.nan, 0.0))
    assert missing == len(part.binning.bins) - 1 != zero
    assert card.reasons({"noisy": -9.0, "district": "姑苏", "chance": None}) in ([], [("chance", 1)])


def test_no_part_works_against_its_own_direction():
    columns, bad = _rows(60)
    for part in scorecard.fit({**columns, "twin": columns["noisy"] * 2}, bad).parts:
        by_weight = sorted(zip((b.weight for b in part.binning.bins), part.points, strict=True))
        assert [points for _, points in by_weight] == sorted(part.points)


@pytest.mark.parametrize("name", [
    "ChgOffPrinGr", "MIS_Status", "ChgOffDate", "BalanceGross", "Default", "daysterm", "xx", "Term", "term ",
    "mis status", "Recession", "rating", "defaulted", "是否违约", "核销金额", "recovery_amount",
])  # fmt: skip
def test_columns_known_only_afterwards_are_refused_by_name(name):
    assert leakage.is_leaking_name(name)


@pytest.mark.parametrize("name", ["Portion", "NoEmp", "GrAppv", "UrbanRural", "terminals", "sales_year", "纳税额"])
def test_honest_names_pass(name):
    assert not leakage.is_leaking_name(name)


def _table(**columns):
    chance = np.random.default_rng(5)
    label = np.arange(400) % 4 == 0
    size = chance.normal(size=400) + label
    return pl.DataFrame({"label": label.astype(int), "size": size, **columns})


@pytest.mark.clause("D4")
def test_what_is_too_good_to_be_true_or_computed_from_the_outcome_is_left_out_and_refused_when_asked_for():
    label = np.arange(400) % 4 == 0
    term = np.where(label, 30, 90) + np.arange(400) % 60
    frame = _table(
        score_after=label * 5.0 + np.arange(400) % 3, paid_on=[None if bad else "2020-01-01" for bad in label],
        Term=term, long=(term >= 60).astype(int), key=np.arange(400), same="x",
    )  # fmt: skip
    refused = {leak.column: leak.reason for leak in tables.prepare(frame, TableOptions("label")).refused}
    assert refused == {
        "score_after": LeakReason.TOO_GOOD, "paid_on": LeakReason.TOO_GOOD, "Term": LeakReason.NAME,
        "long": LeakReason.COMPUTED, "key": LeakReason.IDENTITY, "same": LeakReason.CONSTANT,
    }  # fmt: skip
    with pytest.raises(UnableToTrain, match=r"Term（列名表明"):
        tables.prepare(frame, TableOptions("label", features=("size", "Term")))
    with pytest.raises(UnableToTrain, match=r"没有任何特征"):
        tables.prepare(frame.select("label", "Term"), TableOptions("label"))


@pytest.mark.clause("D4")
def test_training_on_one_outcome_is_refused_in_words():
    frame = _table().with_columns(pl.lit(0).alias("label"))
    ready = tables.prepare(frame, TableOptions("label"))
    with pytest.raises(UnableToTrain, match=r"只有一类结果：违约 0 行，未违约 400 行"):
        backtesting.repeated(ready.columns, ready.bad, ModelKind.SCORECARD)
    few = frame.with_columns(pl.Series("label", [1, 1] + [0] * 398))
    ready = tables.prepare(few, TableOptions("label"))
    with pytest.raises(UnableToTrain, match=r"样本太少：违约 2 行"):
        backtesting.repeated(ready.columns, ready.bad, ModelKind.SCORECARD)


def test_labels_and_columns_that_cannot_be_read_are_named():
    frame = _table()
    with pytest.raises(UnableToTrain, match=r"没有列：nothing"):
        tables.prepare(frame, TableOptions("nothing"))
    with pytest.raises(UnableToTrain, match="列 nested 的内容"):
        tables.prepare(frame.with_columns(pl.Series("nested", [[1, 2]] * 400)), TableOptions("label"))
    with pytest.raises(UnableToTrain, match=r"10000 个字，最多 100 个字") as refused:
        tables.prepare(frame.with_columns(pl.lit(1).alias("长" * 10_000)), TableOptions("label"))
    assert len(refused.value.message) < 100, "nobody reads the whole name again"
    odd = frame.with_columns(pl.lit("perhaps").alias("label"))
    with pytest.raises(UnableToTrain, match=r"perhaps"):
        tables.prepare(odd, TableOptions("label"))
    with pytest.raises(UnableToTrain, match=r"没有把数据分成"):
        tables.prepare(frame.with_columns(pl.lit(1).alias("s")), TableOptions("label", "s"))


def test_codes_written_in_digits_are_texts_and_amounts_are_numbers():
    kinds = {
        "zip": tables.column_of(pl.Series(["92801", "92802", "92801"])),
        "flag": tables.column_of(pl.Series([0, 1, 1])),
        "amount": tables.column_of(pl.Series(["15000.5", "", "32812"])),
        "plain": tables.column_of(pl.Series([0, 1, 1]), plain=True),
    }
    assert {name: isinstance(column, np.ndarray) for name, column in kinds.items()} == {
        "zip": False, "flag": False, "amount": True, "plain": True,
    }  # fmt: skip
    assert np.isnan(kinds["amount"][1])


def test_measures_on_four_rows_by_hand():
    chances, bad = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert measures.auc(chances, bad) == 0.75
    assert measures.ks(chances, bad) == 0.5
    assert measures.brier(chances, bad) == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    table = measures.confusion(chances, bad)
    assert (table.tp, table.fp, table.fn, table.tn) == (1, 0, 1, 2)
    assert measures.index_of([0.5, 0.5], [0.5, 0.5]) == 0
    assert measures.index_of([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.27465, abs=1e-5)
    wide = np.arange(1000.0)
    assert measures.stability(wide, wide) == pytest.approx(0)
    assert measures.stability(wide, wide + 500) > 0.25
    groups = ["大"] * 7 + ["小"] * 2 + ["微"] * 3
    first, joined = measures.gaps(np.tile([0.1, 0.4, 0.8], 4), np.tile(bad[1:], 4), groups)
    assert (first.group, first.rows, first.bads, first.passed_share) == ("大", 7, 4, pytest.approx(5 / 7))
    assert (joined.group, joined.rows) == ("其他（合并）", 5)
    assert measures.gaps(chances, bad, ["大"] * 4) == ()  # four firms are nobody's business
