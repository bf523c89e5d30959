"""工作台: what waits for a person, what they have done, started and been sent; numbers are links to their lists."""

from collections.abc import Callable
from typing import Any
from uuid import UUID  # noqa: TC003 - read by the type of a local

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.processes import queries
from finmart.kit.actor import Actor
from finmart.ui.paging import SIZE, offset_of, page_of
from finmart.ui.requests import actor_of, signed_in

FIRST_OF_TODO = 8
Listing = Callable[..., list[Any]]
Counting = Callable[[Actor], int]


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show the cards and what comes first."""
    actor = actor_of(request)
    first = queries.open_items_for(actor, limit=FIRST_OF_TODO)
    context = {
        "cards": [
            ("待办", "workbench:todo", queries.count_open_items_for(actor), "inbox", "blue"),
            ("即将超时", "workbench:soon", queries.count_due_soon_for(actor), "clock", "orange"),
            ("已办", "workbench:done", queries.count_done_items_for(actor), "check", "green"),
            ("我发起", "workbench:started", queries.count_started_by(actor), "flow", "grey"),
            ("抄送", "workbench:copied", queries.count_copied_to(actor), "copy", "grey"),
        ],
        "items": _with_cases(actor, first),
        "notices": notices_queries.notices_for(actor, limit=5),
    }
    return render(request, "workbench/home.html", context)


@require_GET
@signed_in
def todo(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person now, the oldest first."""
    return _listed(request, "待办", queries.open_items_for, queries.count_open_items_for)


@require_GET
@signed_in
def soon(request: HttpRequest) -> HttpResponse:
    """Show what is due within a day or overdue, the most urgent first."""
    return _listed(request, "即将超时", queries.due_soon_for, queries.count_due_soon_for)


@require_GET
@signed_in
def done(request: HttpRequest) -> HttpResponse:
    """Show what this person has signed."""
    return _listed(request, "已办", queries.done_items_for, queries.count_done_items_for)


@require_GET
@signed_in
def copied(request: HttpRequest) -> HttpResponse:
    """Show what this person was sent a copy of."""
    return _listed(request, "抄送", queries.copied_to, queries.count_copied_to)


@require_GET
@signed_in
def started(request: HttpRequest) -> HttpResponse:
    """Show the processes this person started."""
    actor = actor_of(request)
    page = page_of(request, queries.count_started_by(actor))
    rows = queries.started_by(actor, limit=SIZE, offset=offset_of(page))
    cases = cases_queries.refs_for(actor, {row.case_uuid for row in rows})
    context = {"rows": [(row, cases.get(row.case_uuid)) for row in rows], "page": page}
    return render(request, "workbench/started.html", context)


def _listed(request: HttpRequest, title: str, listing: Listing, counting: Counting) -> HttpResponse:
    actor = actor_of(request)
    page = page_of(request, counting(actor))
    items = listing(actor, limit=SIZE, offset=offset_of(page))
    context = {"title": title, "items": _with_cases(actor, items), "page": page}
    return render(request, "workbench/items.html", context)


def _with_cases(actor: Actor, items: list[Any]) -> list[tuple[Any, Any]]:
    wanted: set[UUID] = {item.case_uuid for item in items}
    cases = cases_queries.refs_for(actor, wanted)
    return [(item, cases.get(item.case_uuid)) for item in items]
