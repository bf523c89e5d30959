"""What every view asks of a request."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from finmart.kit.actor import Actor

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts: the edge has put the actor on every request."""
    actor: Actor = request.actor  # type: ignore[attr-defined] # set by config.middleware.ActorMiddleware
    return actor


def signed_in(view: View) -> View:
    """Send visitors to the sign-in page and, after it, back to where they wanted to go."""

    @wraps(view)
    def guarded(request: HttpRequest, *words: Any, **named: Any) -> HttpResponseBase:
        if actor_of(request).is_visitor:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        return view(request, *words, **named)

    return guarded
