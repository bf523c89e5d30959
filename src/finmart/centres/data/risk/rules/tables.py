"""From any table to columns a model takes: what is the label, what splits, what is a number, a code or a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from finmart.centres.data.risk.rules import leakage
from finmart.centres.data.risk.rules.backtesting import taken
from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.types import Leak, TableOptions, UnableToTrain

MOST_KINDS = 10  # whole numbers of so few kinds are codes, not amounts
LONGEST_NAME = 100  # letters of a column's name: a default of ours
SHORTEST_CODE = 5  # whole numbers that all have this many digits or more, and all the same, are codes
_BAD = frozenset({"1", "1.0", "是", "true", "yes", "y", "bad", "default"})
_GOOD = frozenset({"0", "0.0", "否", "false", "no", "n", "good"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table ready for training: feature columns, outcomes, which rows train (all, without a split column)."""

    columns: Mapping[str, Sequence[object] | Floats]
    bad: Flags
    trains: Flags
    has_split: bool
    refused: tuple[Leak, ...] = field(default=())
    label: str = ""
    groups: tuple[str, ...] = ()


def prepare(frame: pl.DataFrame, options: TableOptions) -> Prepared:
    """Return the table as columns. Rows without a label are left out; leaking columns are left out and listed.

    Raises UnableToTrain for a column that is not there, an unreadable label, one outcome only, a feature that leaks
    though it was asked for by name, or no feature left.
    """
    _require(frame, options)
    odd = [name for name, kind in frame.schema.items() if kind.is_nested() or kind in {pl.Binary, pl.Object}]
    if odd:
        raise UnableToTrain(f"列 {odd[0]} 的内容不是文字、数字或日期", field="file", remedy="请把这些列改为普通的值")
    long = next((name for name in frame.columns if len(name) > LONGEST_NAME), None)
    if long is not None:
        raise UnableToTrain(
            f"列名“{long[:20]}…”有 {len(long)} 个字，最多 {LONGEST_NAME} 个字", field="file", remedy="请把列名改短"
        )
    label = _label(frame[options.label], options)
    labelled = frame.filter(pl.Series(label.is_not_null()))
    bad = label.drop_nulls().to_numpy().astype(bool)
    trains = _trains(labelled, options)
    wanted = options.features or [c for c in labelled.columns if c not in {options.label, options.split, options.group}]
    plain = {code: column_of(labelled[code], as_text=code in options.texts, plain=options.plain) for code in wanted}
    outside = {
        code: column_of(labelled[code], plain=True)
        for code in labelled.columns
        if code != options.split and code not in plain and leakage.is_leaking_name(code)
    }
    ready = _without_leaks(plain, outside, bad, trains, options)
    if not options.group:
        return ready
    groups = labelled[options.group].cast(pl.String).str.strip_chars().fill_null("")
    return replace(ready, groups=tuple(name or "缺失" for name in groups))


def _without_leaks(
    columns: dict[str, Sequence[object] | Floats],
    outside: dict[str, Sequence[object] | Floats],
    bad: Flags,
    trains: Flags,
    options: TableOptions,
) -> Prepared:
    split = bool(options.split)
    seen = bad[trains]  # what tests is not looked at, not even to refuse a column
    if seen.all() or not seen.any() or options.despite_leaks:
        return Prepared(columns, bad, trains, split, label=options.label)
    leaks = leakage.leaks_of(taken(columns, trains), seen, taken(outside, trains))
    if options.features and leaks:
        raise UnableToTrain(
            f"这些列不能作为特征：{leakage.names(leaks)}", field="features", remedy="请从 --features 中去掉这些列"
        )
    gone = {leak.column for leak in leaks}
    kept = {code: column for code, column in columns.items() if code not in gone}
    if not kept:
        raise UnableToTrain("去掉不能使用的列之后，没有任何特征可用", field="features", remedy="请补充申请时已知的列")
    return Prepared(kept, bad, trains, split, tuple(leaks), options.label)


def _require(frame: pl.DataFrame, options: TableOptions) -> None:
    asked = [options.label, *filter(None, [options.split, options.group]), *options.features, *options.texts]
    missing = [name for name in asked if name not in frame.columns]
    if missing:
        shown = "、".join(frame.columns[:40])
        raise UnableToTrain(
            f"表中没有列：{'、'.join(missing)}", field="label", remedy=f"该表的列是：{shown}"
        )  # fmt: skip


def _label(column: pl.Series, options: TableOptions) -> pl.Series:
    """Return whether each row is bad, null where the label is empty."""
    text = column.cast(pl.String).str.strip_chars()
    empty = text.is_null() | (text == "")
    if options.bad:
        return pl.Series([None if gone else value == options.bad for value, gone in zip(text, empty, strict=True)])
    known = dict.fromkeys(_BAD, True) | dict.fromkeys(_GOOD, False)
    odd = sorted({value for value in text.filter(~empty) if value.casefold() not in known})
    if odd:
        raise UnableToTrain(
            f"标签列 {column.name} 的值“{odd[0][:20]}”看不出是违约还是未违约",
            field="label",
            remedy="请用 --bad 写明代表违约的值",
        )
    return pl.Series([None if gone else known[value.casefold()] for value, gone in zip(text, empty, strict=True)])


def _trains(frame: pl.DataFrame, options: TableOptions) -> Flags:
    if not options.split:
        return np.ones(frame.height, dtype=bool)
    text = frame[options.split].cast(pl.String).str.strip_chars()
    wanted = options.train or "1"
    trains = np.array([value == wanted for value in text], dtype=bool)
    if trains.all() or not trains.any():
        raise UnableToTrain(
            f"划分列 {options.split} 没有把数据分成训练与检验两部分（训练值为“{wanted}”）",
            field="split",
            remedy="请用 --train 写明代表训练行的值",
        )
    return trains


def column_of(column: pl.Series, *, as_text: bool = False, plain: bool = False) -> Sequence[object] | Floats:
    """Return numbers with nan for missing, or texts with None; codes written in digits are texts unless ``plain``."""
    text = column.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    numbers = text.cast(pl.Float64, strict=False)
    is_number = numbers.is_finite().fill_null(value=False).sum() == text.is_not_null().sum()
    if as_text or not is_number or (not plain and _is_code(text, numbers)):
        return list(text.to_list())
    return numbers.fill_null(float("nan")).to_numpy().astype(np.float64)


def _is_code(text: pl.Series, numbers: pl.Series) -> bool:
    known = text.drop_nulls()
    if not known.str.contains(r"^\d+$").all():
        return False
    lengths = known.str.len_chars().unique()
    same = lengths.len() == 1 and int(lengths[0]) >= SHORTEST_CODE and numbers.n_unique() < 0.9 * known.len()
    return same or numbers.drop_nulls().n_unique() <= MOST_KINDS
