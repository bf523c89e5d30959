"""Demands to departments: what they were asked for, by when, how often they were reminded, what they said (D1)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.types import DemandState, DemandView, SourcesAct
from finmart.kit import transactions
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in

TONES = {DemandState.OPEN: "orange", DemandState.ANSWERED: "green", DemandState.REFUSED: "red"}
ANSWERS = [(one.value, one.label) for one in (DemandState.ANSWERED, DemandState.REFUSED)]


class DemandForm(forms.Form):
    """What a supplier is asked for."""

    text = forms.CharField(label="需求内容", min_length=5, max_length=500, help_text="要什么、哪个期间、为什么")


class ReplyForm(forms.Form):
    """What came by letter or by telephone."""

    state = forms.ChoiceField(label="答复", choices=ANSWERS)
    answer = forms.CharField(label="答复内容", min_length=5, max_length=500)


class CloseForm(forms.Form):
    """Why nothing more is to be done."""

    reason = forms.CharField(label="办结说明", min_length=5, max_length=500)


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show open demands, the nearest deadline first; ``state=SETTLED`` those that were answered or closed."""
    settled = request.GET.get("state") == "SETTLED"
    rows = queries.demands_for(staff(request), is_open=not settled)
    context = {
        "rows": page_within(request, [(row, TONES.get(DemandState(row.state), "grey")) for row in rows]),
        "settled": settled,
        "overdue": sum(row.is_overdue for row in rows),
        "urged": sum(row.urged > 0 for row in rows),
        "waiting": sum(row.delivered_at is None for row in rows),
    }
    return render(request, "operator/demands.html", context)


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one demand with its history and what may be done."""
    return render(request, "operator/demand.html", _shown(queries.demand_for(staff(request), uuid)))


@require_POST
@signed_in
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask the supplier of a feed for data."""
    actor, form = staff(request), DemandForm(request.POST)

    def raise_it() -> None:
        operations.raise_demand(actor, feed_code=code, text=form.cleaned_data["text"])

    if done(form, raise_it):
        messages.success(request, "已向供数单位提出需求")
        return redirect("operator:demands")
    page = queries.feed_for(actor, code)
    return answer(request, "operator/demand_form.html", {"row": page.row, "form": form})


@require_POST
@signed_in
def urge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Remind the supplier."""
    actor = staff(request)
    with transactions.opened():
        operations.urge_demand(actor, uuid)
    messages.success(request, "已催办")
    return redirect("operator:demand", uuid)


@require_POST
@signed_in
def reply(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down an answer that did not come through the supplier's system."""
    actor, form = staff(request), ReplyForm(request.POST)

    def note() -> None:
        state, text = DemandState(form.cleaned_data["state"]), form.cleaned_data["answer"]
        operations.note_reply(actor, uuid, state, text)

    if done(form, note):
        messages.success(request, "已登记答复")
        return redirect("operator:demand", uuid)
    page = _shown(queries.demand_for(actor, uuid))
    return answer(request, "operator/demand.html", {**page, "replying": form, "form": form})


@require_POST
@signed_in
def close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Settle it from our side."""
    actor, form = staff(request), CloseForm(request.POST)
    if done(form, lambda: operations.close_demand(actor, uuid, form.cleaned_data["reason"])):
        messages.success(request, "已办结")
        return redirect("operator:demand", uuid)
    page = _shown(queries.demand_for(actor, uuid))
    return answer(request, "operator/demand.html", {**page, "closing": form, "form": form})


def _shown(page: DemandView) -> dict[str, Any]:
    return {
        "page": page,
        "row": page.row,
        "tone": TONES.get(DemandState(page.row.state), "grey"),
        "may_urge": SourcesAct.DEMAND_URGE in page.acts,
        "may_reply": SourcesAct.DEMAND_REPLY in page.acts,
        "may_close": SourcesAct.DEMAND_CLOSE in page.acts,
        "replying": ReplyForm(),
        "closing": CloseForm(),
    }
