"""The naming rules: words that say nothing are banned, rooms and tags follow one grammar."""

import ast
import re
from enum import StrEnum
from importlib import import_module

import pytest

from architecture.tree import CENTRES, PACKAGE, ROOMS, centre_folders, functions, named, python_files, tree_of

BANNED_FILES = {"utils", "helpers", "common", "misc", "data", "info", "manager"}
BANNED_NAMES = {"data", "info"}
TAG = re.compile(r"^[a-z]+:[a-z_]+:[a-z_]+$")


def _names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def test_no_file_or_folder_has_a_name_that_says_nothing():
    found = [named(f) for f in python_files() if BANNED_FILES & {f.stem, *f.relative_to(PACKAGE.parents[1]).parts[:-1]}]
    wing = [name for name in found if name.startswith(("src/finmart/centres/data/", "tests/centres/data/"))]
    assert sorted(set(found) - set(wing)) == []


def test_no_variable_class_or_function_has_a_name_that_says_nothing():
    found = []
    for file in python_files():
        for name in _names(tree_of(file)):
            vague = name.lower() in BANNED_NAMES or name.startswith("last_")
            if vague or (name.endswith("Manager") and file.is_relative_to(PACKAGE)):
                found.append(f"{named(file)}: {name}")
        found += [f"{named(file)}: process() says nothing" for node in functions(file) if node.name == "process"]
    assert sorted(found) == []


@pytest.mark.parametrize("folder", centre_folders(), ids=lambda f: f.name)
def test_a_centre_has_its_rooms_and_a_readme_of_one_screen(folder):
    rooms = {entry.stem for entry in folder.iterdir() if entry.suffix == ".py" or (entry / "__init__.py").is_file()}
    assert rooms - {"__init__", "migrations"} <= set(ROOMS)
    readme = folder / "README.md"
    assert readme.is_file()
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 50


@pytest.mark.parametrize("folder", centre_folders(), ids=lambda f: f.name)
def test_audit_tags_share_one_grammar_and_are_in_order(folder):
    types = import_module(f"finmart.centres.{folder.relative_to(CENTRES).as_posix().replace('/', '.')}.types")
    acts = [
        member
        for member in vars(types).values()
        if isinstance(member, type) and issubclass(member, StrEnum) and member.__name__.endswith("Act")
        and member.__module__ == types.__name__
    ]  # fmt: skip
    for act in acts:
        tags = [tag.value for tag in act]
        assert all(TAG.match(tag) for tag in tags)
        assert all(tag.split(":")[0] == folder.name for tag in tags)
        assert tags == sorted(tags)
