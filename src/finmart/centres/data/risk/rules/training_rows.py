"""The rows a model was trained and tested on, as a file: what people need to see what a change of theirs would do."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from finmart.centres.data.risk.rules.binning import Flags, Floats
from finmart.centres.data.risk.rules.tables import Prepared

MOST_KEPT = 50_000  # of more rows a draw is kept: a default of ours
_SEED = 2020
_PREFIX = "column:"


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Feature columns, outcomes, and which rows trained (the others tested). No row says whose it is."""

    columns: dict[str, Sequence[object] | Floats]
    bad: Flags
    trains: Flags


def written(ready: Prepared) -> bytes:
    """Return the rows as a Parquet file, a draw of them where there are very many."""
    frame = pl.DataFrame(
        {
            **{
                _PREFIX + code: pl.Series(values, dtype=pl.Float64 if isinstance(values, np.ndarray) else pl.String)
                for code, values in ready.columns.items()
            },
            "bad": ready.bad,
            "trains": ready.trains,
        }
    )
    if frame.height > MOST_KEPT:
        frame = frame.sample(MOST_KEPT, seed=_SEED)
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd")
    return file.getvalue()


def read(content: bytes) -> TrainingRows:
    """Return the rows of such a file."""
    frame = pl.read_parquet(io.BytesIO(content))
    columns: dict[str, Sequence[object] | Floats] = {
        name.removeprefix(_PREFIX): frame[name].to_numpy() if frame[name].dtype == pl.Float64 else frame[name].to_list()
        for name in frame.columns
        if name.startswith(_PREFIX)
    }
    return TrainingRows(columns, frame["bad"].to_numpy(), frame["trains"].to_numpy())
