"""Back-tests of files that need no store: what a model would have told, honestly measured."""

from collections.abc import Callable

import numpy as np

from finmart.centres.data.risk.rules import backtesting, tables
from finmart.centres.data.risk.rules.invoice_features import FEATURES, features_of
from finmart.centres.data.risk.types import Backtest, ModelKind, TableOptions, UnableToTrain
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile

OnRun = Callable[[int], None]
FOLDS_TEXT = (
    f"{backtesting.REPEATS} 次重复的 {backtesting.FOLDS} 折分层交叉检验"
    f"（随机种子 {backtesting.SEED} 至 {backtesting.SEED + backtesting.REPEATS - 1}），全部折外预测"
)


def backtest_sme_2020(
    *, enterprises: SourceFile, invoices: SourceFile, kind: ModelKind = ModelKind.SCORECARD,
    on_run: OnRun = lambda _: None,
) -> Backtest:  # fmt: skip
    """Back-test on the firms of an sme-2020 folder that have an outcome; features come from the raw invoices alone.

    The label is whether the firm defaulted; the bank's rating is never read as a feature. Raises UnableToTrain where
    fewer than five firms of either outcome are there, UnableToLoad where a file cannot be read.
    """
    read = sources_queries.read_sme_2020(enterprises=enterprises, invoices=invoices)
    rows = [
        row for row in features_of(read.invoices).iter_rows(named=True) if read.labels[row["enterprise"]] is not None
    ]
    rows.sort(key=lambda row: (len(row["enterprise"]), row["enterprise"]))
    bad = np.array([bool(read.labels[row["enterprise"]]) for row in rows], dtype=bool)
    columns = {
        feature.code: np.array([np.nan if row[feature.code] is None else row[feature.code] for row in rows])
        for feature in FEATURES
    }
    measured = backtesting.repeated(columns, bad, kind, on_run)
    return Backtest(kind, measured, tuple(columns), label="是否违约（有信贷记录的企业）", how=FOLDS_TEXT)


def backtest_table(
    file: SourceFile, options: TableOptions, *, kind: ModelKind = ModelKind.SCORECARD, on_run: OnRun = lambda _: None
) -> Backtest:
    """Back-test on any table: by its split column where one is named, else by the repeated folds.

    Raises UnableToTrain (see ``tables.prepare``) and UnableToLoad.
    """
    frame = sources_queries.table_of(file)
    if not frame.height:
        raise UnableToTrain(f"文件 {file.name} 没有数据行", field="file", remedy="请核对文件")
    ready = tables.prepare(frame, options)
    if ready.has_split:
        measured = backtesting.split(ready.columns, ready.bad, ready.trains, kind)
        how = f"按列 {options.split} 划分：{int(ready.trains.sum())} 行训练，{int((~ready.trains).sum())} 行检验"
    else:
        measured, how = backtesting.repeated(ready.columns, ready.bad, kind, on_run), FOLDS_TEXT
    return Backtest(kind, measured, tuple(ready.columns), ready.refused, label=options.label, how=how)
