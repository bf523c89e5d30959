"""The clause table: what docs/standard claims, held against the tests that name each clause."""

import ast
import json
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.urls import NoReverseMatch, get_resolver, reverse

from finmart.config import places
from finmart.config.commands import LazyCommands

STATES = ("works", "partly", "missing")
TABLE = places.CHECKOUT / "docs" / "standard" / "clauses.toml"
TESTS = places.CHECKOUT / "tests"


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of the table. ``tests`` are node ids (file::function); ``shown_by`` url names or commands."""

    id: str
    origin: tuple[str, ...]
    title: str
    state: str
    processes: tuple[str, ...]
    modules: tuple[str, ...]
    shown_by: tuple[str, ...]
    tests: tuple[str, ...]


def clauses() -> list[Clause]:
    """Return the table in the standard's order, each clause with the tests that name it."""
    tests = tests_by_clause(TESTS)
    return [
        Clause(
            id=key,
            origin=tuple(row["from"]),
            title=row["title"],
            state=row["state"],
            processes=tuple(row["processes"]),
            modules=tuple(row["modules"]),
            shown_by=tuple(row["shown_by"]),
            tests=tuple(sorted(tests.get(key, ()))),
        )
        for key, row in tomllib.loads(TABLE.read_text(encoding="utf-8")).items()
    ]


def tests_by_clause(folder: Path) -> dict[str, set[str]]:
    """Return clause id → node ids, read from the ``clause`` marks without importing a test."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in folder.rglob("test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        of_file = {clause for node in tree.body if isinstance(node, ast.Assign) for clause in _marks(node.value)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = of_file.union(*(_marks(decorator) for decorator in node.decorator_list))
                for clause in named:
                    found[clause].add(f"{file.relative_to(folder.parent).as_posix()}::{node.name}")
    return found


def _marks(node: ast.expr) -> set[str]:
    return {
        str(word.value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "clause"
        for word in call.args
        if isinstance(word, ast.Constant)
    }


def faults(table: list[Clause]) -> list[str]:
    """Return what is wrong with the claims, one sentence each; green tests are the test run's own check."""
    found = []
    for clause in table:
        where = f"docs/standard/clauses.toml [{clause.id}]"
        if clause.state not in STATES:
            found.append(f"{where}: state {clause.state!r} is none of {', '.join(STATES)}")
        if clause.state == "missing":
            continue
        if not clause.tests:
            found.append(f"{where}: claimed, but no test names it")
        if not clause.shown_by:
            found.append(f"{where}: claimed, but no page or command shows it")
        found += [
            f"{where}: {shown!r} is neither a page nor a command" for shown in clause.shown_by if not _exists(shown)
        ]
        found += [
            f"{where}: there is no {path}"
            for path in clause.modules
            if not (places.CHECKOUT / "src/finmart" / path).exists()
        ]
        found += [
            f"{where}: there is no process {key}"
            for key in clause.processes
            if not (places.CHECKOUT / "src/finmart/journeys" / key / "process.bpmn").is_file()
        ]
    return found


def _exists(shown: str) -> bool:
    if shown.startswith("finmart "):
        return shown.split()[1] in LazyCommands.modules
    try:
        reverse(shown)
    except NoReverseMatch:
        namespace, _, name = shown.rpartition(":")
        resolver = get_resolver()
        if namespace:
            if namespace not in resolver.namespace_dict:
                return False
            resolver = resolver.namespace_dict[namespace][1]
        return bool(resolver.reverse_dict.getlist(name))
    return True


def results_file() -> Path:
    """Where the latest full test run leaves which clauses' tests were green."""
    return places.home() / "clauses.json"


def latest_results() -> dict[str, bool]:
    """Return clause id → green, of the latest full test run on this machine; empty where there was none."""
    file = results_file()
    return json.loads(file.read_text()) if file.exists() else {}
