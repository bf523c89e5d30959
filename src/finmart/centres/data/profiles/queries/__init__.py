"""What is known of firms: read by people and calculations, as of now or of a day gone by."""

from finmart.centres.data.profiles.queries.disputes import dispute_for, disputed_types, disputes_for, disputes_of_fact
from finmart.centres.data.profiles.queries.facts import (
    count_facts,
    dated_table,
    fact_table,
    facts_by_source,
    facts_for,
    known_population,
    known_values,
    own_facts_for,
)
from finmart.centres.data.profiles.queries.features import (
    check_features,
    features_as_known,
    features_of,
    size_needs,
)
from finmart.centres.data.profiles.queries.lineage import lineage_for
from finmart.centres.data.profiles.queries.peers import ranks_of
from finmart.centres.data.profiles.queries.supply import supply_of
from finmart.centres.data.profiles.queries.under_consent import answers_for, copies_for
from finmart.centres.data.profiles.types import KnownValue

__all__ = [
    "KnownValue",
    "answers_for",
    "check_features",
    "copies_for",
    "count_facts",
    "dated_table",
    "dispute_for",
    "disputed_types",
    "disputes_for",
    "disputes_of_fact",
    "fact_table",
    "facts_by_source",
    "facts_for",
    "features_as_known",
    "features_of",
    "known_population",
    "known_values",
    "lineage_for",
    "own_facts_for",
    "ranks_of",
    "size_needs",
    "supply_of",
]  # fmt: skip
