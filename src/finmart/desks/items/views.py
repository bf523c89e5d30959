"""The page of one work item: what is asked, what to look at, what may be done (clause A6)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.technical.processes import operations, queries
from finmart.centres.technical.processes.types import ItemView, ProcessesAct
from finmart.desks.items import acts, registry
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Conflict, NotFound, Refusal
from finmart.ui.forms import OutcomeForm, add_refusal
from finmart.ui.requests import actor_of, signed_in


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a work item."""
    actor = actor_of(request)
    item = queries.item_for(actor, uuid)
    # Several who sign one step judge for themselves: nobody is shown what the one before filled in.
    known = dict(item.variables) if item.seats == 1 else {}
    return _page(request, actor, item, _form(actor, item, initial=known))


@require_POST
@signed_in
def complete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sign the item off with the chosen outcome; nothing is kept where something is wrong.

    Who comes second (a double click, a colleague) reads so, beside what the item is now.
    """
    actor = actor_of(request)
    item = queries.item_for(actor, uuid)
    outcome = request.POST.get("outcome", "")
    form = _form(actor, item, request.POST, outcome=outcome)
    if form.is_valid():
        try:
            with transactions.opened():
                result = operations.complete(
                    actor, uuid, outcome, request.POST.get("opinion", "").strip(), form.values()
                )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if isinstance(refusal, Conflict):
                return _page(request, actor, queries.item_for(actor, uuid), form, status=409)
        else:
            messages.success(request, f"“{item.name}”已办结" if result.decided else "已签署，等待其他签署人")
            return redirect("workbench:todo")
    return _page(request, actor, item, form, status=422)


@require_http_methods(["GET", "POST"])
@signed_in
def act(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Do one of the other acts; those with a form ask first."""
    actor = actor_of(request)
    item = queries.item_for(actor, uuid)
    chosen = acts.named(item, act)
    if chosen is None:
        raise NotFound("该事项现在不能办理此操作", remedy="请刷新页面查看最新状态")
    form = acts.form_for(chosen, actor, item, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                chosen.call(actor, item, form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已{chosen.label}")
            return redirect("workbench:todo")
    status = 422 if form.is_bound else 200
    return render(request, "items/act.html", {"item": item, "act": chosen, "form": form}, status=status)


def _form(actor: Actor, item: ItemView, *given: Any, **options: Any) -> OutcomeForm:
    """Return the step's form; it knows its case, and who may be chosen where it asks for a colleague."""
    form = registry.form_of(item)(*given, **options)
    form.know(actor, item.case_uuid)
    if form.asks_colleague:
        barred = set(item.variables.get(form.barred_from, ()))
        form.offer([one for one in acts.colleagues(actor, form.colleague_roles) if one[0] not in barred])
    return form


def _page(request: HttpRequest, actor: Actor, item: ItemView, form: OutcomeForm, *, status: int = 200) -> HttpResponse:
    may_complete = ProcessesAct.ITEM_COMPLETE in item.acts
    context = {
        "item": item,
        "case": cases_queries.case_by_uuid_for(actor, item.case_uuid).ref,
        "form": form,
        "may_complete": may_complete,
        "opinion": request.POST.get("opinion", ""),
        "outcome": request.POST.get("outcome", ""),
        "panels": registry.panels_of(actor, item),
        "other_acts": acts.allowed(item),
    }
    return render(request, "items/item.html", context, status=status)
