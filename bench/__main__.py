"""``python -m bench NAME``: print a table, write ``$FINMART_HOME/bench/NAME.json``, fail where a mark is missed.

A bench is a module here with a function ``measure() -> list[Row]``.
"""

import importlib
import sys
from pathlib import Path

from bench import rows
from finmart.config import places

_FRAMEWORK = {"__init__", "__main__", "rows"}


def names() -> list[str]:
    """Return the benches there are."""
    return sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in _FRAMEWORK)


def main(arguments: list[str]) -> int:
    """Run one bench; 0 where every row is equal and fast enough, 1 where not, 2 where there is no such bench."""
    if len(arguments) != 1 or arguments[0] not in names():
        print(f"usage: make bench NAME={'|'.join(names())}", file=sys.stderr)
        return 2
    measured: list[rows.Row] = importlib.import_module(f"bench.{arguments[0]}").measure()
    rows.show(measured)
    rows.write(measured, places.home() / "bench" / f"{arguments[0]}.json")
    return 0 if measured and all(row.passes for row in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
