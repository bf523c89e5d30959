"""One worker process of the bench: plays complete loan cases, one person's act a transaction.

``python -m bench.loan_cases.playing PLACE CASES`` prints ``ready`` after some cases to warm up, waits for a line on its
standard input, plays, and prints the acts done. While a case waits for the bank core's answer, which the job worker
beside fetches, the next case goes on.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bench.loan_cases.city import BenchStory

BANKS = 4
FIRMS = 20
AMOUNT_FEN = 30_000_000
POLL_SECONDS = 0.05
WARM_UP = 8  # cases: a statement is prepared at its second use, and the server plans it anew for the next five
_WAITS_AFTER = "check_disbursement"


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    django.setup(set_prefix=False)


def clerk_of(firm: int) -> str:
    return f"bench_clerk_{firm:02d}"


def legal_of(firm: int) -> str:
    return f"bench_legal_{firm:02d}"


@dataclass(slots=True)
class Case:
    """A case being played; ``is_waiting`` while the bank core has not answered, asked about now and then."""

    story: "BenchStory"
    acts: Iterator[str]
    is_waiting: bool = False
    ask_at: float = 0.0

    def advance(self) -> bool:
        """Do the next act; False where there is none left."""
        done = next(self.acts, None)
        self.is_waiting = done == _WAITS_AFTER
        self.ask_at = time.monotonic() + POLL_SECONDS
        return done is not None

    def is_ready(self) -> bool:
        if self.is_waiting and time.monotonic() >= self.ask_at:
            self.is_waiting = not self.story.is_at("check_use")
            self.ask_at = time.monotonic() + POLL_SECONDS
        return not self.is_waiting


def play(place: int, cases: int) -> int:
    """Play ``cases`` loans of one bank's products to the end; returns the acts done."""
    from bench.loan_cases.city import story  # noqa: PLC0415 - after set-up

    left = deque(story(bank=place % BANKS, firm=(place * 5 + turn) % FIRMS) for turn in range(cases))
    going: deque[Case] = deque()
    done = 0
    while left or going:
        ready = next((case for case in going if case.is_ready()), None)
        if ready is None and left:
            begun = left.popleft()
            ready = Case(begun, begun.steps())
            going.append(ready)
        if ready is None:
            time.sleep(POLL_SECONDS)
        elif ready.advance():
            done += 1
        else:
            going.remove(ready)
    return done


def main() -> None:
    place, cases = int(sys.argv[1]), int(sys.argv[2])
    set_up()
    play(place, WARM_UP)
    print("ready", flush=True)
    sys.stdin.readline()
    print(play(place, cases), flush=True)


if __name__ == "__main__":
    main()
