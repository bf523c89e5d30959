"""The accounts a demo lists on its sign-in page. Nothing else ever lists accounts."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DemoAccount:
    username: str
    label: str


def accounts() -> list[DemoAccount]:
    """Return what ``settings.FINMART_DEMO_ACCOUNTS`` names, in a demo; nothing elsewhere."""
    if not settings.FINMART_DEMO:
        return []
    return [DemoAccount(*row) for row in settings.FINMART_DEMO_ACCOUNTS]


def password() -> str:
    """Return the one password of all demo accounts; empty where this is no demo."""
    return settings.FINMART_DEMO_PASSWORD if settings.FINMART_DEMO else ""
