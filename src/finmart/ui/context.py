"""What the base template needs on every page, worked out only when a page is drawn."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from finmart.kit.actor import Actor
from finmart.ui import navigation

LARGE_TYPE_COOKIE = "large_type"
Told = Callable[[], str]
_told: list[Told] = []


def tell_on_every_page(told: Told) -> None:
    """Have every page show what ``told`` returns, one sentence, as long as it returns any. Called by the wiring."""
    if told not in _told:
        _told.append(told)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``shell`` (the links this actor is offered), ``large_type`` (the reader's choice) and
    ``told_everywhere`` (sentences every page shows).
    """
    actor: Actor = getattr(request, "actor", None) or Actor.visitor()
    return {
        "shell": SimpleLazyObject(lambda: navigation.shell_for(actor, request.path)),
        "told_everywhere": SimpleLazyObject(lambda: [words for told in _told if (words := told())]),
        "large_type": request.COOKIES.get(LARGE_TYPE_COOKIE) == "1",
    }
