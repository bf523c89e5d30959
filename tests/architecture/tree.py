"""What the architecture tests look at: our own Python files, their functions and names."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "finmart"
CENTRES = PACKAGE / "centres"
ROOMS = ("apps", "tasks", "operations", "queries", "policies", "models", "rules", "events", "types")


@cache
def committed_files() -> tuple[Path, ...]:
    """Return every file git tracks or would track, as absolute paths."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(f for f in committed_files() if f.suffix == ".py" and "migrations" not in f.parts)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def centre_folders() -> list[Path]:
    """Return the folder of every centre, in every wing."""
    return sorted(types.parent for types in [*CENTRES.glob("*/*/types.py"), *CENTRES.glob("*/*/types/")])


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
