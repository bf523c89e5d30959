"""Having facts computed soon, as a job."""

from collections.abc import Iterable

from procrastinate.contrib.django import app

from finmart.kit import transactions


def ask_to_compute(organisation_ids: Iterable[int]) -> None:
    """Queue the computing of these firms' invoice facts, in the caller's transaction."""
    transactions.require()
    app.configure_task("profiles:compute").defer(organisation_ids=[*sorted(set(organisation_ids))])
