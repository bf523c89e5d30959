"""Back-tests of files that need no store: what a model would have told, honestly measured."""

from collections.abc import Callable
from datetime import date

import numpy as np

from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.risk.rules import backtesting, tables
from finmart.centres.data.risk.rules.invoice_features import FEATURES, columns_of
from finmart.centres.data.risk.rules.tables import Prepared
from finmart.centres.data.risk.types import Backtest, ModelKind, TableOptions, UnableToTrain
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile

OnRun = Callable[[int], None]
SME_LABEL = "是否违约（有信贷记录的企业）"


def backtest_sme_2020(
    *, enterprises: SourceFile, invoices: SourceFile, kind: ModelKind = ModelKind.SCORECARD,
    on_run: OnRun = lambda _: None,
) -> Backtest:  # fmt: skip
    """Back-test on the firms of an sme-2020 folder that have an outcome; features come from the raw invoices alone.

    The label is whether the firm defaulted; the bank's rating is never read as a feature. Raises UnableToTrain where
    fewer than five firms of either outcome are there, UnableToLoad where a file cannot be read.
    """
    return measured(prepared_sme_2020(enterprises=enterprises, invoices=invoices), kind, on_run)


def backtest_table(
    file: SourceFile, options: TableOptions, *, kind: ModelKind = ModelKind.SCORECARD, on_run: OnRun = lambda _: None
) -> Backtest:
    """Back-test on any table: by its split column where one is named, else by the repeated folds.

    Raises UnableToTrain (see ``tables.prepare``) and UnableToLoad.
    """
    return measured(prepared_table(file, options), kind, on_run)


def prepared_sme_2020(*, enterprises: SourceFile, invoices: SourceFile) -> Prepared:
    """Return the folder's firms with an outcome as columns, in the order of their numbers."""
    read = sources_queries.read_sme_2020(enterprises=enterprises, invoices=invoices)
    table = read.invoices.rename({"enterprise": "organisation_id"})
    newest = read.invoices["issued_on"].max()
    if not isinstance(newest, date):
        raise UnableToTrain("文件中没有一张可用的发票", field="invoices", remedy="请核对文件")
    features = profiles_queries.features_of(table, newest)
    known = sorted(
        (len(firm), firm) for firm in features["organisation_id"].to_list() if read.labels[firm] is not None
    )  # fmt: skip
    firms = [firm for _, firm in known]
    bad = np.array([bool(read.labels[firm]) for firm in firms], dtype=bool)
    columns = columns_of(features, firms)
    return Prepared(columns, bad, np.ones(bad.size, dtype=bool), has_split=False, label=SME_LABEL)


def prepared_table(file: SourceFile, options: TableOptions) -> Prepared:
    """Return a file's table as columns. Raises UnableToTrain, UnableToLoad."""
    frame = sources_queries.table_of(file)
    if not frame.height:
        raise UnableToTrain(f"文件 {file.name} 没有数据行", field="file", remedy="请核对文件")
    return tables.prepare(frame, options)


def measured(ready: Prepared, kind: ModelKind, on_run: OnRun = lambda _: None) -> Backtest:
    """Back-test prepared columns. Raises UnableToTrain."""
    if ready.has_split:
        told = backtesting.split(ready.columns, ready.bad, ready.trains, kind, ready.groups)
        how = f"按划分列：{int(ready.trains.sum())} 行训练，{int((~ready.trains).sum())} 行检验"
    else:
        told, how = backtesting.repeated(ready.columns, ready.bad, kind, on_run, ready.groups), backtesting.HOW
    return Backtest(kind, told, tuple(ready.columns), ready.refused, label=ready.label, how=how)


def label_of(code: str) -> tuple[str, str]:
    """Return the label and formula of a column, the name itself where it is none of ours."""
    return _LABELS.get(code, (code, ""))


_LABELS = {feature.code: (feature.label, feature.formula) for feature in FEATURES}
