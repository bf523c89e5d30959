"""What every bench yields: rows of work, ours beside a peer, and whether both gave the same answer."""

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``ratio`` is so that larger is better; ``at_least`` None means it is only reported."""

    work: str
    ours: float
    peer: float | None
    ratio: float | None
    at_least: float | None
    equal: bool

    @classmethod
    def of_times(cls, work: str, ours: float, peer: float, *, at_least: float | None, equal: bool) -> "Row":
        """Return a row of two durations in seconds: half the time is a ratio of 2."""
        return cls(work, ours, peer, peer / ours, at_least, equal)

    @classmethod
    def of_rates(cls, work: str, ours: float, peer: float, *, at_least: float | None, equal: bool) -> "Row":
        """Return a row of two rates per second: twice the rate is a ratio of 2."""
        return cls(work, ours, peer, ours / peer, at_least, equal)

    @property
    def passes(self) -> bool:
        reached = self.at_least is None or (self.ratio is not None and self.ratio >= self.at_least)
        return self.equal and reached


def side_by_side(
    ours: Callable[[], Any], peer: Callable[[], Any], *, rounds: int, inner: int = 1
) -> tuple[float, float]:
    """Return the median seconds of both, run in turns in one process after one warm run each.

    ``inner`` runs of ours are timed together where one alone is too short for the clock; the peer runs once a round.
    """
    ours()
    peer()
    gc.collect()
    gc.disable()
    try:
        pairs = [(_seconds(ours, inner), _seconds(peer, 1)) for _ in range(rounds)]
    finally:
        gc.enable()
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def _seconds(work: Callable[[], Any], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times


def write(rows: list[Row], file: Path) -> None:
    """Write the rows as the JSON that machines read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"rows": [asdict(row) for row in rows]}, ensure_ascii=False, indent=1) + "\n")


def show(rows: list[Row]) -> None:
    """Print the table for people."""
    width = max(len(row.work) for row in rows)
    print(f"{'work':<{width}}  {'ours':>12}  {'peer':>12}  {'ratio':>9}  {'at least':>9}  equal")
    for row in rows:
        cells = (_number(row.ours, 12), _number(row.peer, 12), _number(row.ratio, 9), _number(row.at_least, 9))
        print(f"{row.work:<{width}}  {'  '.join(cells)}  {'yes' if row.equal else 'NO'}")


def _number(value: float | None, width: int) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.4g}"
