"""The accounts a demo lists on its sign-in page. Nothing else ever lists accounts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A made-up person of the sample city; ``label`` says whose account it is and what it may do."""

    username: str
    label: str


_offered: list[DemoAccount] = []


def offer(accounts: Iterable[DemoAccount]) -> None:
    """Name the accounts of the sample city. Called once by the wiring."""
    _offered[:] = accounts


def accounts() -> list[DemoAccount]:
    """Return the accounts to list: all in a demo, none elsewhere."""
    return list(_offered) if settings.FINMART_DEMO else []
