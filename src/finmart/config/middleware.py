"""What happens around every request: who acts, and how a refusal is answered and recorded."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.config import logs
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal
from finmart.kit.ids import new_trace_id

Answer = Callable[[HttpRequest], HttpResponse]
_STATUS: dict[type[Refusal], int] = {AccessDenied: 403, NotFound: 404, Conflict: 409}


class ActorMiddleware:
    """Put ``request.actor`` there: the signed-in person in the organisation chosen for this session."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace_id = new_trace_id()
        logs.trace_id.set(trace_id)
        request.actor = (  # type: ignore[attr-defined]
            parties_queries.actor_for(
                request.user.pk, membership_id=request.session.get("membership"), trace_id=trace_id
            )
            if request.user.is_authenticated
            else Actor.visitor(trace_id)
        )
        return self.get_response(request)


class RefusalMiddleware:
    """Answer a refusal with one page that says what happened and what to do; record denied attempts."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a :class:`Refusal` into its page; anything else stays an error."""
        if not isinstance(error, Refusal):
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if isinstance(error, AccessDenied):
            with transactions.opened():
                audit_operations.record_denial(actor, path=request.path, reason=error.message)
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 422)
        context = {"refusal": error, "trace_id": actor.trace_id}
        if request.headers.get("HX-Request"):
            answer = render(request, "ui/refusal_fragment.html", context, status=status)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#flashes", "innerHTML show:window:top"
            return answer
        return render(request, "ui/refusal.html", context, status=status)


def actor_context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the actor and its trace id."""
    actor = getattr(request, "actor", None) or Actor.visitor()
    return {"actor": actor, "trace_id": actor.trace_id}
