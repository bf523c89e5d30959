"""LightGBM beside the scorecard: what a model nobody can change by hand would tell."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.rules.scorecard import Columns
from finmart.centres.data.risk.types import UnableToTrain

ROUNDS = 200
# Small trees, slow steps, few columns each: what some hundred rows bear. Defaults of ours, set before any measuring.
SETTINGS = {
    "objective": "binary", "num_leaves": 4, "min_data_in_leaf": 10, "learning_rate": 0.05, "feature_fraction": 0.3,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 1.0, "verbose": -1, "num_threads": 2, "seed": 2020,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip


def fit(columns: Columns, bad: Flags) -> tuple[str, Callable[[Columns], Floats]]:
    """Return the model as LightGBM writes it, and the function from columns to probabilities of default.

    Texts are categories numbered by name; unseen ones count as missing, and missing stays missing.
    """
    engine = _engine()
    codes = {code: _codes(column) for code, column in columns.items() if not _is_number(column)}
    table = _table(columns, codes)
    categories = [place for place, code in enumerate(columns) if code in codes]
    dataset = engine.Dataset(table, bad.astype(np.int8), categorical_feature=categories or "auto")
    model = engine.train(SETTINGS, dataset, ROUNDS)
    return str(model.model_to_string()), lambda rows: np.asarray(model.predict(_table(rows, codes)), dtype=np.float64)


def _engine() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - needs a library of the system that the scorecard does without
    except OSError as error:
        raise UnableToTrain(
            "挑战模型 LightGBM 无法加载：系统缺少 libgomp", remedy="请安装 libgomp1；评分卡不受影响"
        ) from error
    return lightgbm


def _codes(column: Sequence[object] | Floats) -> dict[str, int]:
    return {text: code for code, text in enumerate(sorted({str(v) for v in column if v is not None}))}


def _table(columns: Columns, codes: dict[str, dict[str, int]]) -> Floats:
    made = [
        np.array([codes[code].get(str(value), np.nan) for value in column], dtype=np.float64)
        if code in codes
        else np.asarray(column, dtype=np.float64)
        for code, column in columns.items()
    ]
    return np.column_stack(made)


def _is_number(column: object) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"
