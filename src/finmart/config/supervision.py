"""Starting the processes of one platform, keeping them together, and leaving none behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO

GRACE_SECONDS = 15.0
STEADY_SECONDS = 30.0  # who ran this long is started again at once
LONGEST_PAUSE = 30.0
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel end this process when its parent is gone, however that came about (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    expected = os.environ.get("FINMART_PARENT")
    if expected and os.getppid() != int(expected):
        raise SystemExit(0)  # the parent was gone before the kernel was asked


@dataclass(slots=True)
class Child:
    """One process: a module of ours with its arguments."""

    name: str
    words: list[str]
    must_live: bool
    is_once: bool
    running: subprocess.Popen[bytes]
    started_at: float
    pause: float = 0.0
    ended_at: float | None = None


class ChildEnded(RuntimeError):
    """A process that the platform cannot do without has ended by itself."""


@dataclass(slots=True)
class Supervisor:
    """Starts children in sessions of their own, so that Ctrl-C reaches only the one who ends them in order.

    What they write goes where ours goes, or to ``log``.
    """

    environment: dict[str, str]
    log: IO[bytes] | None = None
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, module: str, *arguments: str, must_live: bool = False, is_once: bool = False) -> None:
        """Start ``python -m module``. One that ``must_live`` is never started again; others are, when they end.

        One that ``is_once`` may end in peace; it is started again only where it failed.
        """
        words = [sys.executable, "-m", module, *arguments]
        self.children.append(Child(name, words, must_live, is_once, self._run(words), time.monotonic()))

    def check(self) -> None:
        """Start again who has ended, later each time it ends early. Raises ChildEnded for who must live."""
        for child in self.children:
            ended = child.running.poll()
            if ended is None or (child.is_once and ended == 0):
                continue
            if child.must_live:
                raise ChildEnded(f"{child.name}意外退出（退出码 {child.running.returncode}）")
            self._start_again(child)

    def _start_again(self, child: Child) -> None:
        now = time.monotonic()
        if child.ended_at is None:
            child.ended_at = now
            is_steady = now - child.started_at > STEADY_SECONDS
            child.pause = 0.0 if is_steady else min(LONGEST_PAUSE, child.pause * 2 or 1.0)
        if now - child.ended_at >= child.pause:
            child.running, child.started_at, child.ended_at = self._run(child.words), now, None

    def stop(self) -> None:
        """End all children: politely, then by force. Returns when none is left."""
        for child in self.children:
            if child.running.poll() is None:
                child.running.terminate()
        end = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            try:
                child.running.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.running.pid, signal.SIGKILL)
                child.running.wait()

    def _run(self, words: list[str]) -> subprocess.Popen[bytes]:
        environment = {**self.environment, "FINMART_PARENT": str(os.getpid())}
        return subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True
        )
