"""The live figure of a clause: one sentence with a number read from the database at that moment."""

from collections.abc import Callable

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import queries as matching_queries
from finmart.centres.technical.audit import queries as audit_queries


def audited_acts() -> str:
    return f"{audit_queries.count_rows()} 条审计记录"


def open_products() -> str:
    return f"{catalogue_queries.open_products(per_page=1).total} 个在架产品"


def answered_matches() -> str:
    found = matching_queries.figures()
    known = "" if found.known_share is None else f"，{found.known_share:.0%} 的条件有据可答"
    return f"{found.runs} 次匹配{known}"


FIGURES: dict[str, Callable[[], str]] = {
    "B5": open_products,
    "D7": answered_matches,
    "F4": audited_acts,
}
