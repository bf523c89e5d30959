"""Back-tests: repeated folds, or one split. Everything is fitted on training rows only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from finmart.centres.data.risk.rules import challenger, measures, scorecard
from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.types import Measures, ModelKind, UnableToTrain

REPEATS, FOLDS, SEED = 10, 5, 2020  # run i is StratifiedKFold(5, shuffle=True, random_state=2020 + i)
HOW = f"{REPEATS} 次重复的 {FOLDS} 折分层交叉检验（随机种子 {SEED} 至 {SEED + REPEATS - 1}），全部折外预测"
Columns = Mapping[str, Sequence[object] | Floats]
Fitter = Callable[[Columns, Flags], Callable[[Columns], Floats]]


def require_both_outcomes(bad: Flags, fewest: int = FOLDS) -> None:
    """Refuse rows from which nothing can be learnt. Raises UnableToTrain."""
    bads, goods = int(bad.sum()), int((~bad).sum())
    if not bads or not goods:
        raise UnableToTrain(
            f"训练数据只有一类结果：违约 {bads} 行，未违约 {goods} 行，无法训练",
            field="label",
            remedy="请核对标签列，并补充另一类的样本",
        )
    if min(bads, goods) < fewest:
        raise UnableToTrain(
            f"样本太少：违约 {bads} 行，未违约 {goods} 行，每类至少 {fewest} 行", field="label", remedy="请补充样本"
        )


def repeated(
    columns: Columns, bad: Flags, kind: ModelKind, on_run: Callable[[int], None] = lambda _: None,
    groups: Sequence[str] = (),
) -> Measures:  # fmt: skip
    """Return measures over out-of-fold probabilities: the mean of the repeated runs and the spread of the AUC.

    Confusion and calibration are of each row's mean probability over the runs. ``on_run`` is told every run's number.
    """
    require_both_outcomes(bad)
    runs = []
    for run in range(REPEATS):
        runs.append(_out_of_fold(columns, bad, FITTERS[kind], SEED + run))
        on_run(run + 1)
    aucs = [measures.auc(chances, bad) for chances in runs]
    mean = np.asarray(np.mean(runs, axis=0), dtype=np.float64)
    return Measures(
        auc=float(np.mean(aucs)),
        auc_spread=float(np.std(aucs, ddof=1)),
        ks=float(np.mean([measures.ks(chances, bad) for chances in runs])),
        brier=float(np.mean([measures.brier(chances, bad) for chances in runs])),
        confusion=measures.confusion(mean, bad),
        rows=int(bad.size),
        bads=int(bad.sum()),
        calibration=measures.calibration(mean, bad),
        gaps=measures.gaps(mean, bad, groups),
    )


def split(columns: Columns, bad: Flags, trains: Flags, kind: ModelKind, groups: Sequence[str] = ()) -> Measures:
    """Return measures of the rows outside ``trains``, by a model fitted on those inside."""
    require_both_outcomes(bad[trains])
    require_both_outcomes(bad[~trains], fewest=1)
    tell = FITTERS[kind](taken(columns, trains), bad[trains])
    chances = tell(taken(columns, ~trains))
    tested = [name for name, train in zip(groups, trains, strict=False) if not train]
    stability = measures.stability(tell(taken(columns, trains)), chances)
    return replace(measured(chances, bad[~trains], tested), stability=stability)


def measured(chances: Floats, bad: Flags, groups: Sequence[str] = ()) -> Measures:
    """Return measures of probabilities told once, the spread of the AUC over resamples of the rows."""
    return Measures(
        auc=measures.auc(chances, bad),
        auc_spread=measures.resampled_spread(chances, bad, SEED),
        ks=measures.ks(chances, bad),
        brier=measures.brier(chances, bad),
        confusion=measures.confusion(chances, bad),
        rows=int(bad.size),
        bads=int(bad.sum()),
        calibration=measures.calibration(chances, bad),
        gaps=measures.gaps(chances, bad, groups),
    )


def taken(columns: Columns, rows: Flags) -> dict[str, Sequence[object] | Floats]:
    """Return the columns with these rows only."""
    places = np.flatnonzero(rows)
    return {
        code: column[rows] if isinstance(column, np.ndarray) else [column[int(place)] for place in places]
        for code, column in columns.items()
    }


def _out_of_fold(columns: Columns, bad: Flags, fitter: Fitter, seed: int) -> Floats:
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - pages read cards and scores without waiting for it

    chances = np.empty(bad.size)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(np.zeros(bad.size), bad):
        rows = np.zeros(bad.size, dtype=bool)
        rows[train] = True
        outside = np.zeros(bad.size, dtype=bool)
        outside[test] = True
        chances[test] = fitter(taken(columns, rows), bad[rows])(taken(columns, outside))
    return chances


def _scorecard(columns: Columns, bad: Flags) -> Callable[[Columns], Floats]:
    return scorecard.fit(columns, bad).chances


def _challenger(columns: Columns, bad: Flags) -> Callable[[Columns], Floats]:
    return challenger.fit(columns, bad)[1]


def _logit(columns: Columns, bad: Flags) -> Callable[[Columns], Floats]:
    """Fit the plain logistic regression of publications: no prior, numbers as they are, none missing."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - pages read cards and scores without waiting for it

    for code, column in columns.items():
        if not isinstance(column, np.ndarray) or bool(np.isnan(column).any()):
            raise UnableToTrain(f"逻辑回归要求列 {code} 全部为数字且没有缺失", field=code)
    codes = list(columns)
    model = LogisticRegression(C=np.inf, max_iter=1000, tol=1e-8).fit(_matrix(columns, codes), bad)
    return lambda rows: np.asarray(model.predict_proba(_matrix(rows, codes))[:, 1], dtype=np.float64)


def _matrix(columns: Columns, codes: list[str]) -> Floats:
    return np.column_stack([np.asarray(columns[code], dtype=np.float64) for code in codes])


FITTERS: dict[ModelKind, Fitter] = {
    ModelKind.CHALLENGER: _challenger,
    ModelKind.LOGIT: _logit,
    ModelKind.SCORECARD: _scorecard,
}
