"""What the platform told the person who reads: a list, unread first to see, each leading to its subject."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.technical.notices import operations, queries
from finmart.ui.requests import actor_of, signed_in

ON_PAGE = 20


@require_GET
@signed_in
def own(request: HttpRequest) -> HttpResponse:
    """Show the actor's notices, newest first; ``unread=1`` leaves out what was read."""
    actor = actor_of(request)
    unread_only = request.GET.get("unread") == "1"
    count = queries.count_for(actor, unread_only=unread_only)
    page = Paginator(range(count), ON_PAGE).get_page(request.GET.get("page"))
    offset = (page.number - 1) * ON_PAGE
    rows = queries.notices_for(actor, limit=ON_PAGE, offset=offset, unread_only=unread_only)
    unread = queries.unread_count_for(actor)
    return render(
        request, "messages/own.html", {"rows": rows, "page": page, "unread": unread, "tabs": _tabs(unread, unread_only)}
    )


@require_POST
@signed_in
def follow(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note that a notice was read and go where it leads."""
    notice = operations.mark_read(actor_of(request), uuid)
    return redirect(notice.link or "notices:own")


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all were read."""
    operations.mark_all_read(actor_of(request))
    return redirect("notices:own")


def _tabs(unread: int, unread_only: bool) -> list[dict[str, object]]:  # noqa: FBT001 - a tab that is chosen or not
    return [
        {"label": "全部", "url": "?", "current": not unread_only, "count": 0},
        {"label": "未读", "url": "?unread=1", "current": unread_only, "count": unread},
    ]
