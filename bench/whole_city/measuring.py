"""1,000,000 firms × 1,000 products × 8 criteria: counts and bit sets, unknowns kept, beside OpenFisca and DuckDB.

One timed run each, equal bits and counts checked. Ours begins with typed criteria and columns of facts and ends with
the bits of every product, placing its thresholds included; the peers' systems, tables and conditions are made before.
Nobody's thresholds are shared: with round ones ours needs about half the time, OpenFisca hardly less.
"""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import numpy as np

from bench.rows import Row
from bench.whole_city import firms, on_duckdb, on_openfisca
from bench.whole_city.products import CRITERIA
from finmart.kit.criteria import PopulationAnswers, answer_all

FIRMS = 1_000_000
PRODUCTS = 1_000
THREADS = 2
BESIDE_OPENFISCA = 6.0
BESIDE_DUCKDB = 15.0
MOST_GIB = 4.0
SIZES = (10_000, 100_000, FIRMS)
_COPIED = 2**26
_COPIES = 8
Result = TypeVar("Result")


def measure() -> list[Row]:
    """Return a row per peer and one for memory; print how ours grows and what it touches."""
    rules = firms.rule_sets(PRODUCTS)
    for size in SIZES:
        population = firms.population(size)
        answer_all(rules, population)  # warm: a virtual machine hands out fresh memory slowly
        ours, seconds = timed(partial(answer_all, rules, population))
        print(f"{size:>9,} firms: {seconds:.3f} s, {1e9 * seconds / size / PRODUCTS:.2f} ns a firm and product")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(_touched(ours, seconds))
    rows = []
    for name, work, at_least in (
        ("OpenFisca", on_openfisca.prepared(rules, population), BESIDE_OPENFISCA),
        ("DuckDB", on_duckdb.prepared(rules, population, threads=THREADS), BESIDE_DUCKDB),
    ):
        theirs, longer = timed(work)
        size_of_all = f"{FIRMS:,} firms × {PRODUCTS:,} products × {CRITERIA} criteria"
        row = f"{size_of_all}, counts and bits, beside {name} (s)"
        rows.append(Row.of_times(row, seconds, longer, at_least=at_least, equal=theirs.are(ours)))
    memory = f"peak memory of ours, before a peer was there, at most {MOST_GIB:.0f} (GiB)"
    return [*rows, Row(memory, peak, MOST_GIB, MOST_GIB / peak, 1.0, equal=True)]


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what the work gives and the seconds it took."""
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def _touched(ours: PopulationAnswers, seconds: float) -> str:
    rate, memory = ours.bytes_touched / seconds / 1e9, _memory_rate() / 1e9
    return (
        f"{ours.bytes_touched / 1e9:.1f} GB touched in {seconds:.3f} s: {rate:.1f} GB/s, {rate / memory:.1f} times the "
        f"{memory:.1f} GB/s at which {THREADS} threads copy memory: the rest is cache"
    )


def _memory_rate() -> float:
    """Return the bytes a second that both threads together read and write when they copy more than a cache holds."""
    pairs = [(np.ones(_COPIED, np.uint8), np.zeros(_COPIED, np.uint8)) for _ in range(THREADS)]

    def copy(pair: tuple[Any, Any]) -> None:
        for _ in range(_COPIES):
            np.copyto(pair[1], pair[0])

    with ThreadPoolExecutor(THREADS) as pool:
        _, seconds = timed(lambda: list(pool.map(copy, pairs)))
    return 2 * _COPIED * _COPIES * THREADS / seconds
