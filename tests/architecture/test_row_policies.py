"""Numbers of firms stand under row policies of the database; who opens rows without the ledger is named (clause D2)."""

import ast

import pytest

from architecture.test_facts_behind_consents import TOUCHED_IN
from architecture.tree import PACKAGE, python_files, tree_of

GUARDED = {
    "profiles_fact", "profiles_pastfact", "profiles_factcopy", "profiles_monthsummary", "profiles_partnersummary",
    "sources_invoice", "risk_score",
}  # fmt: skip
# A run of matching holds what the firm was told itself, and is inserted and returned for every need: see decision 0024.
NOT_GUARDED = {"matching_matchrun"}
KNOWN = {"rowpolicies.py", "test_row_policies.py"}  # nobody opens rows by SQL of his own
# Place → why it may open rows that no line of the ledger opened.
OPENS_OWN = {
    "centres/data/profiles/operations/copies.py": "an institution opens a copy of its own; the ledger line follows",
    "centres/data/profiles/queries/facts.py": "a firm reads its own facts",
    "centres/data/profiles/queries/under_consent.py": "a firm or institution lists its copies, without content",
    "centres/data/risk/queries/scores.py": "a firm reads its own score",
    "centres/governance/rights/operations/archiving.py": "a firm takes away all that is held of it",
}
OPENS_ALL = {
    "centres/data/desensitised/operations.py": "the store is built for training: pseudonyms and measures leave, no row",
    "centres/data/profiles/operations/computing.py": "facts are computed from invoices and summaries",
    "centres/data/profiles/operations/copies.py": "copies end, a firm's facts are erased: nothing is read out",
    "centres/data/profiles/operations/deriving.py": "size and cluster follow from facts",
    "centres/data/profiles/operations/disputing.py": "the fact that its firm disputes",
    "centres/data/profiles/operations/settling.py": "a disputed fact is computed anew",
    "centres/data/profiles/operations/storing.py": "facts are written over older ones",
    "centres/data/profiles/queries/facts.py": "how many facts there are: a sum",
    "centres/data/profiles/queries/peers.py": "ranks: counts of groups that are large enough",
    "centres/data/risk/queries/scores.py": "a score is replayed, or was shown under leave before",
    "centres/data/risk/queries/versions.py": "drift, gaps and counts of a model",
    "centres/data/sources/operations/erasing.py": "a firm's invoices are erased",
    "centres/data/sources/operations/storing.py": "invoices are written, void twins settled",
    "centres/data/sources/queries/files.py": "firms of a load; how many invoices partners have, whoever with",
}


def _calls(node, name):
    is_attribute = isinstance(node, ast.Attribute) and node.attr == name
    return is_attribute and isinstance(node.value, ast.Name) and node.value.id == "rowpolicies"


def _calling(name):
    return {
        file.relative_to(PACKAGE).as_posix()
        for file in python_files()
        if file.is_relative_to(PACKAGE / "centres") and any(_calls(node, name) for node in ast.walk(tree_of(file)))
    } | {file.name for file in python_files() if "finmart_open_rows" in file.read_text() and file.name not in KNOWN}


@pytest.mark.clause("D2", "F2")
@pytest.mark.parametrize(("name", "places"), [("open_own", OPENS_OWN), ("upkeep", OPENS_ALL)])
def test_who_opens_rows_without_the_ledger_is_named_with_a_reason(name, places):
    assert _calling(name) == set(places)


@pytest.mark.clause("D2", "F2")
def test_every_table_of_facts_is_guarded_or_said_not_to_be():
    assert {table for table, _ in TOUCHED_IN.values()} == GUARDED | NOT_GUARDED


@pytest.mark.clause("D2", "F2")
@pytest.mark.django_db
def test_the_database_guards_these_tables(django_db_setup):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies")
        assert {table for (table,) in cursor.fetchall()} == GUARDED
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND row_security_active(oid)")
        assert {table for (table,) in cursor.fetchall()} == GUARDED
