"""The live figure of a clause: one sentence with a number read from the database at that moment."""

from collections.abc import Callable

from finmart.centres.technical.audit import queries as audit_queries


def audited_acts() -> str:
    return f"{audit_queries.count_rows()} 条审计记录"


FIGURES: dict[str, Callable[[], str]] = {
    "F4": audited_acts,
}
