"""The contract of our own must be able to fail."""

import pytest
from grimp import ImportGraph

from architecture.face_contract import FaceContract


def _graph(importer: str, imported: str) -> ImportGraph:
    graph = ImportGraph()
    for module in (importer, imported):
        parts = module.split(".")
        for depth in range(1, len(parts) + 1):
            graph.add_module(".".join(parts[:depth]))
    graph.add_import(importer=importer, imported=imported)
    return graph


def _kept(importer: str, imported: str) -> bool:
    contract = FaceContract(
        name="face",
        session_options={},
        contract_options={
            "wings": ["finmart.centres.technical"],
            "open_rooms": ["operations", "queries", "events", "types"],
        },
    )
    return contract.check(_graph(importer, imported), verbose=False).kept


@pytest.mark.clause("A1")
@pytest.mark.parametrize("room", ["operations", "queries", "events", "types"])
def test_the_face_is_open(room):
    assert _kept("finmart.desks.cases.views", f"finmart.centres.technical.audit.{room}")


@pytest.mark.parametrize("room", ["models", "rules", "policies", "tasks", "apps"])
def test_the_other_rooms_are_closed_to_strangers(room):
    assert not _kept("finmart.desks.cases.views", f"finmart.centres.technical.audit.{room}")
    assert not _kept("finmart.centres.technical.parties.queries", f"finmart.centres.technical.audit.{room}")


def test_the_other_rooms_are_open_to_their_own_centre():
    assert _kept("finmart.centres.technical.audit.operations", "finmart.centres.technical.audit.models")
