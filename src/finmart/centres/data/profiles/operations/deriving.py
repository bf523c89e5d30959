"""Facts that follow from recorded ones: the size of a firm and its industry cluster."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from finmart.centres.data.profiles.models import Fact
from finmart.centres.data.profiles.operations.storing import FactRow, store_facts
from finmart.centres.data.profiles.rules import sizes
from finmart.centres.data.profiles.rules.values import from_columns
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, rowpolicies

SIZE, CLUSTER = "size_class", "industry_cluster"
CLUSTERS_SOURCE = "按行业代码归集"


def derive(organisation_ids: Iterable[int]) -> int:
    """Store size and cluster of these firms as their newest recorded facts make them; return how many changed."""
    firms = sorted(set(organisation_ids))
    known = Fact.objects.filter(organisation__in=firms, fact_type__in=sizes.INPUTS)
    newest = known.order_by("organisation_id", "fact_type", "-as_of_on").distinct("organisation_id", "fact_type")
    facts: dict[int, dict[str, Fact]] = {}
    with rowpolicies.upkeep():
        for fact in newest:
            facts.setdefault(fact.organisation_id, {})[fact.fact_type] = fact
    clusters = {one.code: one.industries for one in parameters_queries.clusters()}
    rows = [row for firm, held in facts.items() for row in _derived(firm, held, clusters)]
    return store_facts(rows, clock.now())


def _derived(firm: int, held: Mapping[str, Fact], clusters: Mapping[str, tuple[str, ...]]) -> Iterator[FactRow]:
    values = {code: from_columns(FACT_TYPES[code], fact.number, fact.content) for code, fact in held.items()}
    day = max(fact.as_of_on for fact in held.values())
    found = sizes.size_of(values, day)
    yield _row(firm, SIZE, day, None if found.size is None else str(found.size), f"按{found.rule}划分"[:120])
    yield _row(firm, CLUSTER, day, sizes.cluster_of(str(values.get(sizes.CODE) or ""), clusters), CLUSTERS_SOURCE)


def _row(firm: int, code: str, day: date, content: Any, source: str) -> FactRow:
    return FactRow(firm, code, day, None, content, source, FACT_TYPES[code].grade)
