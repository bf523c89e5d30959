"""What the base template needs on every page, worked out only when a page is drawn."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from finmart.kit.actor import Actor
from finmart.ui import navigation

LARGE_TYPE_COOKIE = "large_type"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``shell`` (the links this actor is offered) and ``large_type`` (the reader's choice)."""
    actor: Actor = getattr(request, "actor", None) or Actor.visitor()
    return {
        "shell": SimpleLazyObject(lambda: navigation.shell_for(actor, request.path)),
        "large_type": request.COOKIES.get(LARGE_TYPE_COOKIE) == "1",
    }
