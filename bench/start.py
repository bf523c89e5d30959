"""From nothing to something to see: real invoices to stored facts, and the demo to its first page. Reported, no mark.

Each runs in a folder of its own with a new database, so what a first run pays (making the cluster, the tables, the
sample city) is in the figure. ``FINMART_SHARED`` names the folder of real data; without it that row is left out.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rows import Row
from finmart.config import places

COMMAND = [sys.executable, "-c", "from finmart.config.commands import main; main()"]
LONGEST_START = 600
# What is known of the folder; see the data's own README.
KNOWN = {
    "firms": 425, "rows": 1_099_441, "invoices": 1_087_776, "duplicates": 11_665, "void": 63_605, "negative": 19_764,
    "cleaned": 95, "rejected": 0,
}  # fmt: skip


def measure() -> list[Row]:
    """Return the rows; ``equal`` says whether the known figures came out and the page was there."""
    folder = Path(os.environ.get("FINMART_SHARED") or places.CHECKOUT.parent / "shared" / "data") / "sme-2020"
    rows = []
    if folder.is_dir():
        rows.append(_import(folder))
    else:
        print(f"no real data at {folder}: the import is left out", file=sys.stderr)
    return [*rows, _first_page()]


def _import(folder: Path) -> Row:
    with _new_home() as environment:
        begun = time.perf_counter()
        done = subprocess.run(
            [*COMMAND, "import", "sme-invoices", str(folder), "--json"],
            env=environment,
            capture_output=True,
            check=True,
        )
        seconds = time.perf_counter() - begun
    answer = json.loads(done.stdout)
    right = KNOWN.items() <= answer.items() and answer["facts"] > 0
    return Row("sme-2020 to stored facts, s (aim 60)", seconds, None, None, None, right)


def _first_page() -> Row:
    with _new_home() as environment:
        port = _free_port()
        begun = time.perf_counter()
        demo = subprocess.Popen([*COMMAND, "demo", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
        try:
            there = _wait_for(f"http://127.0.0.1:{port}/", demo, begun + LONGEST_START)
            seconds = time.perf_counter() - begun
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
    return Row("make demo to the first page, s (aim 20)", seconds, None, None, None, there)


@contextmanager
def _new_home() -> Iterator[dict[str, str]]:
    folder = tempfile.mkdtemp(prefix="finmart-bench-")
    try:
        yield {**os.environ, "FINMART_HOME": folder}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], deadline: float) -> bool:
    while server.poll() is None and time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:  # noqa: S310 - our own address
                return bool(page.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False
