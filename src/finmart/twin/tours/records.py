"""What a tour leaves behind: its steps, its checks, the pages it saw."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from finmart.twin.tours.pages import Page

LEAST_STEPS = 20
LEAST_ACCOUNTS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One act of one person and what changed by it."""

    actor: str
    act: str
    result: str


@dataclass(frozen=True, slots=True)
class Check:
    """Something the tour holds against what it was told, and whether it holds."""

    name: str
    ok: bool
    found: str


@dataclass(slots=True)
class Record:
    """The report of one tour, kept in ``folder`` as it grows; ``tell`` gets every step and check as a line."""

    folder: Path
    tell: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    borrower: dict[str, str] = field(default_factory=dict)
    failure: str = ""
    latest: Page | None = None

    def see(self, page: Page) -> None:
        """Remember the newest page: the one to look at where the story stops."""
        self.latest = page

    def step(self, actor: str, act: str, result: str, *, page: Page | None = None) -> None:
        """Write down one step and, where given, the page it ended on."""
        self.steps.append(Step(actor, act, result))
        self.tell(f"[{len(self.steps):02d}] {actor} · {act} → {result}")
        if page:
            self.keep(page, act)

    def check(self, name: str, ok: bool, found: str) -> None:  # noqa: FBT001 - the answer to the check's question
        self.checks.append(Check(name, ok, found))
        self.tell(f"{'✓' if ok else '✗'} {name}：{found}")

    def keep(self, page: Page, name: str) -> None:
        """Save a page's HTML beside the report."""
        pages = self.folder / "pages"
        pages.mkdir(parents=True, exist_ok=True)
        words = re.sub(r"\W+", "_", name).strip("_")
        (pages / f"{len(self.steps):02d}_{words}.html").write_text(page.html, encoding="utf-8")

    def fail(self, reason: str) -> None:
        """Write down why the story could not go on, and the page it stopped on."""
        self.failure = reason
        self.tell(f"✗ 第 {len(self.steps) + 1} 步未能完成：{reason}")
        if self.latest:
            self.keep(self.latest, "stopped_here")

    @property
    def ok(self) -> bool:
        """Was the story told whole, by enough people, and does everything hold?"""
        enough = len(self.steps) >= LEAST_STEPS and len(self.accounts) >= LEAST_ACCOUNTS
        return enough and not self.failure and bool(self.checks) and all(check.ok for check in self.checks)

    def answer(self) -> dict[str, Any]:
        """Return what ``--json`` prints and ``report.json`` holds."""
        return {
            "ok": self.ok,
            "steps": [asdict(step) for step in self.steps],
            "checks": [asdict(check) for check in self.checks],
            "accounts": sorted(self.accounts),
            "borrower": self.borrower,
            "failure": self.failure,
            "folder": str(self.folder),
        }

    def save(self) -> Path:
        """Write the report and return its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "report.json"
        file.write_text(json.dumps(self.answer(), ensure_ascii=False, indent=1), encoding="utf-8")
        return file
