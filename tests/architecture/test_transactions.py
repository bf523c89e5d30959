"""Rows that an opened transaction gathered are undone with their savepoint only where it made the savepoint itself."""

import ast

from architecture.tree import PACKAGE, named, python_files, tree_of

OPENS = PACKAGE / "kit" / "transactions.py"


def _uses_django_own(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        return (node.module == "django.db" and "transaction" in names) or node.module == "django.db.transaction"
    return isinstance(node, ast.Import) and any(alias.name == "django.db.transaction" for alias in node.names)


def test_transactions_and_savepoints_are_opened_in_one_place():
    using = [
        named(file)
        for file in python_files()
        if file.is_relative_to(PACKAGE) and any(_uses_django_own(node) for node in ast.walk(tree_of(file)))
    ]
    assert using == [named(OPENS)]
