"""Profiles of the 425 firms of sme-2020 from their raw invoices, beside plain pandas group-bys.

Both sides start from the cleaned invoices held in memory in the form they like (Polars columns; a pandas frame with
numpy columns) and give every number of the fact type table that invoices tell, over all firms; they must agree in
every cell, missing ones included, to a billionth. Medians of three rounds, in turns, after a warm run each. Then, ours
alone: how time grows from 1,000 firms to 10,000 (invoices drawn by seed, fifty a
firm), and the peak memory of both sides together.
"""

import os
import resource
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from bench.invoice_profiles import on_pandas
from bench.rows import Row, side_by_side
from finmart.centres.data.profiles.rules.from_invoices import NUMBERS, facts_of
from finmart.config import places

AT_LEAST = 4.0
MOST_GIB = 4.0
ROUNDS = 3
GROWTH = (1_000, 10_000)
A_FIRM = 50
COLUMNS = (
    "organisation_id",
    "direction",
    "issued_on",
    "counterparty",
    "amount_fen",
    "tax_fen",
    "is_void",
    "is_effective",
)
AS_OF = date(2020, 2, 21)


def invoices() -> pl.DataFrame:
    """Return the cleaned invoices of sme-2020. Raises SystemExit where the folder is missing."""
    import django  # noqa: PLC0415 - the rules alone need no application; reading and cleaning does

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    django.setup()
    from finmart.centres.data.sources import queries  # noqa: PLC0415
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415

    folder = Path(os.environ.get("FINMART_SHARED") or places.CHECKOUT.parent / "shared/data") / "sme-2020"
    if not folder.is_dir():
        raise SystemExit(f"{folder} is missing: this bench reads the data set sme-2020 there")
    enterprises, rows = (
        SourceFile(name, (folder / name).read_bytes()) for name in ("enterprises.csv", "invoices.parquet")
    )
    read = queries.read_sme_2020(enterprises=enterprises, invoices=rows)
    return read.invoices.rename({"enterprise": "organisation_id"}).select(COLUMNS)


def in_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """Return a frame as pandas holds it by itself: numpy columns, texts as objects."""
    held = pd.DataFrame({name: frame[name].to_list() for name in frame.columns if frame[name].dtype == pl.String})
    for name in frame.columns:
        if frame[name].dtype == pl.Date:
            held[name] = frame[name].cast(pl.Datetime("ns")).to_numpy()
        elif frame[name].dtype != pl.String:
            held[name] = frame[name].to_numpy()
    return held.astype({name: object for name in frame.columns if frame[name].dtype == pl.String})


def is_equal(ours: pl.DataFrame, theirs: pd.DataFrame) -> bool:
    """Say whether both hold the same numbers, cell by cell, with the same ones missing."""
    return not differing(ours, theirs)


def differing(ours: pl.DataFrame, theirs: pd.DataFrame) -> list[str]:
    """Return the numbers in which the two do not agree to a billionth of their size."""
    if ours["organisation_id"].to_list() != list(theirs.index):
        return ["organisation_id"]
    wrong = []
    for code in NUMBERS:
        one = ours[code].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        other = theirs[code].to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True):
            wrong.append(code)
    return wrong


def drawn(firms: int) -> pl.DataFrame:
    """Return made-up invoices of so many firms, the same in every run."""
    chance = np.random.default_rng(20260703)
    count = firms * A_FIRM
    amounts = np.round(chance.lognormal(12, 1.5, count)).astype(np.int64) * chance.choice([1, 1, 1, 1, -1], count)
    void = chance.random(count) < 0.03
    return pl.DataFrame(
        {
            "organisation_id": chance.integers(0, firms, count),
            "direction": chance.choice(["OUT", "IN"], count),
            "issued_on": np.datetime64("2018-01-01") + chance.integers(0, 780, count).astype("timedelta64[D]"),
            "counterparty": np.char.add("P", chance.integers(0, firms * 4, count).astype(str)),
            "amount_fen": amounts,
            "tax_fen": (amounts * 0.13).astype(np.int64),
            "is_void": void,
            "is_effective": ~void,
        }
    ).with_columns(pl.col("issued_on").cast(pl.Date))


def measure() -> list[Row]:
    """Return the marked row, then growth and memory of ours alone."""
    held = invoices()
    peer = in_pandas(held)
    seconds = side_by_side(lambda: facts_of(held, AS_OF), lambda: on_pandas.profiles(peer, AS_OF), rounds=ROUNDS)
    equal = is_equal(facts_of(held, AS_OF), on_pandas.profiles(peer, AS_OF))
    work = f"{len(NUMBERS)} numbers of 425 firms from {held.height:,} invoices, beside pandas (s)"
    rows = [Row.of_times(work, *seconds, at_least=AT_LEAST, equal=equal)]
    touched = held.estimated_size() / seconds[0] / 1e9
    rows.append(
        Row(
            "the same, bytes of the invoices read at least once, beside a plain copy (GB/s)",
            touched,
            copied := _copied(),
            touched / copied,
            None,
            equal=True,
        )
    )
    for firms in GROWTH:
        some = drawn(firms)
        spent, _ = side_by_side(lambda some=some: facts_of(some, AS_OF), lambda: None, rounds=1)
        rows.append(
            Row(f"{firms:,} firms, {some.height:,} drawn invoices, ours alone (s)", spent, None, None, None, equal=True)
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows.append(
        Row(
            f"peak memory (GiB), both sides held, beside the most allowed ({MOST_GIB:g})",
            peak,
            MOST_GIB,
            MOST_GIB / peak,
            1.0,
            equal=True,
        )
    )
    return rows


def _copied() -> float:
    """Return how fast this machine copies memory now, read and written bytes together, in GB a second."""
    block = np.ones(2**25)
    target = np.empty_like(block)
    seconds, _ = side_by_side(lambda: np.copyto(target, block), lambda: None, rounds=3)
    return 2 * block.nbytes / seconds / 1e9
