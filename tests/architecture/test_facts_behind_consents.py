"""A firm's facts are read in few named places, all behind a consent or a recorded basis (clause F2).

A place that is not named here fails: whoever needs facts calls ``profiles.queries``, which asks the consents centre.
"""

import ast
import re
from functools import cache

import pytest

from architecture.tree import PACKAGE, python_files, tree_of

# Model → its table and where its rows may be touched.
TOUCHED_IN = {
    "profiles.Fact": ("profiles_fact", "centres/data/profiles/"),
    "profiles.FactCopy": ("profiles_factcopy", "centres/data/profiles/"),
    "profiles.MonthSummary": ("profiles_monthsummary", "centres/data/profiles/"),
    "profiles.PartnerSummary": ("profiles_partnersummary", "centres/data/profiles/"),
    "profiles.PastFact": ("profiles_pastfact", "centres/data/profiles/"),
    "sources.Invoice": ("sources_invoice", "centres/data/sources/"),
    "risk.Score": ("risk_score", "centres/data/risk/"),
    "matching.MatchRun": ("matching_matchrun", "centres/business/matching/"),
}
# Inside profiles too only these rooms: no policy, task or rule reads facts past the disclosure.
ROOMS = ("models", "operations", "queries", "migrations")
# What reads facts of many firms, or of one for matching → the centres that may ask, each under a recorded purpose.
CALLED_BY = {
    "dated_table": ("centres/governance/warnings/",),
    "fact_table": ("centres/data/", "centres/governance/warnings/", "twin/"),
    "facts_by_source": ("centres/data/quality/",),
    "invoice_frame": ("centres/data/", "centres/governance/warnings/"),
    "known_population": ("centres/business/matching/", "centres/data/"),
    "known_values": ("centres/business/matching/", "centres/data/"),
}
SQL = re.compile(r"\b(SELECT|FROM|JOIN|COPY|INTO|UPDATE|DELETE)\b")
TEXTS = {file.relative_to(PACKAGE).as_posix(): file for file in python_files() if file.is_relative_to(PACKAGE)}


@cache
def _signs(place: str) -> frozenset[str]:
    """Return what a file imports from models, the tables its SQL names, and what it calls."""
    found = set()
    for node in ast.walk(tree_of(TEXTS[place])):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models"):
            label = (node.module or "").split(".")[-2]
            found |= {f"{label}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            found.add(f"{name}()")
            if name == "get_model":
                found.add(".".join(str(getattr(one, "value", "")) for one in node.args))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            found |= set(re.findall(r"\w+", node.value))
    return frozenset(found)


@pytest.mark.clause("F2")
@pytest.mark.parametrize("model", sorted(TOUCHED_IN))
def test_rows_that_hold_facts_are_touched_in_their_own_centre_only(model):
    table, home = TOUCHED_IN[model]
    found = [place for place in TEXTS if {model, table} & _signs(place)]
    assert found, "this test sees nothing"
    rooms = tuple(f"{home}{room}" for room in ROOMS)
    wrong = [place for place in found if not place.startswith(rooms)]
    assert wrong == [], "read facts by profiles.queries, which asks the consents centre, or name the place here"


@pytest.mark.clause("F2")
@pytest.mark.parametrize("name", sorted(CALLED_BY))
def test_readers_of_many_firms_are_named(name):
    found = {place for place in TEXTS if f"{name}()" in _signs(place)}
    assert found, "this test sees nothing"
    wrong = [place for place in found if not place.startswith(CALLED_BY[name])]
    assert wrong == [], f"a new reader of {name}: say for which recorded purpose it reads, then name it here"
