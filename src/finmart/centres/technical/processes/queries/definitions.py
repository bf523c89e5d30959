"""Compiled models, kept by content: a version never changes, so a copy never grows old."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import CharField

from finmart.centres.technical.processes.models import Definition
from finmart.centres.technical.processes.types import DefinitionRef
from finmart.integrations import bpmn
from finmart.integrations.bpmn.model import Model
from finmart.kit.errors import NotFound
from finmart.kit.statements import Given, Statement

_NEWEST = Statement(
    lambda: Definition.objects.filter(key=Given("key", CharField())).defer("xml", "decisions").order_by("-version")[:1]
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model ready to run, with its decision tables."""

    model: Model
    decisions: Mapping[str, bpmn.DecisionTable]


def definition(key: str) -> DefinitionRef:
    """Return the newest version of a process. Raises NotFound."""
    return definition_ref(newest(key))


def definition_ref(row: Definition) -> DefinitionRef:
    return DefinitionRef(row.key, row.version, row.name, row.sha256)


def newest(key: str) -> Definition:
    row = _NEWEST.first(key=key)
    if row is None:
        raise NotFound(f"没有名为 {key} 的流程")
    return row


def compiled(row: Definition) -> Compiled:
    """Return the compiled model of a version; read from the database once in a process."""
    return _compiled(row.sha256, row.pk)


@lru_cache(maxsize=256)
def _compiled(_sha256: str, identity: int) -> Compiled:
    row = Definition.objects.get(pk=identity)
    return Compiled(bpmn.read(row.xml), bpmn.read_decisions(row.decisions) if row.decisions else {})
