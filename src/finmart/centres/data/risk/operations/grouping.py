"""Of what size, age, ownership and district firms are, so that gaps between groups can be told; no model reads it."""

from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit.actor import Actor

AGES = ((12, "不满 1 年"), (36, "1 至 3 年"), (120, "3 至 10 年"))  # defaults of ours
OLDEST = "10 年及以上"
MISSING = "缺失"


def groups_of(actor: Actor) -> dict[int, dict[str, str]]:
    """Return organisation → size, age, ownership and district as labels, 缺失 where a fact is missing.

    Read under the operator's purpose of warning; leaves a ledger line. Raises ConsentRequired.
    """
    codes = ["size_class", "established_months", "district", "ownership"]
    table = profiles_queries.known_population(codes, actor=actor, purpose=Purpose.WARNING)
    sizes = dict(FACT_TYPES["size_class"].choices)
    ownerships = dict(FACT_TYPES["ownership"].choices)
    districts = {district.code: district.name for district in parameters_queries.districts()}
    return {
        row["organisation_id"]: {
            "size": sizes.get(row["size_class"], MISSING),
            "age": _age(row["established_months"]),
            "ownership": ownerships.get(row["ownership"], MISSING),
            "district": districts.get(row["district"], MISSING),
        }
        for row in table.iter_rows(named=True)
    }


def _age(months: float | None) -> str:
    if months is None:
        return MISSING
    return next((label for limit, label in AGES if months < limit), OLDEST)
