"""Requests of people and firms about their own data, handled in time (clause F2)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.governance.rights import operations, queries
from finmart.centres.governance.rights.types import Ground, Outcome, RightsAct
from finmart.kit.actor import Actor
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in

UPHELD, ANEW = "UPHELD", "ANEW"


class AnswerForm(forms.Form):
    """The answer; anything but a full yes takes a ground and a reason."""

    outcome = forms.ChoiceField(label="结论", choices=Outcome.choices())
    ground = forms.ChoiceField(
        label="不同意的法定理由", required=False, choices=[("", "同意时不选"), *Ground.choices()]
    )  # fmt: skip
    text = forms.CharField(
        label="理由与说明", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="原样告知申请人",
    )  # fmt: skip


class ReviewForm(forms.Form):
    """What came of looking again."""

    result = forms.ChoiceField(label="复核结论", choices=[(UPHELD, "维持答复"), (ANEW, "重新办理")])
    text = forms.CharField(label="复核意见", max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}))


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show what waits, the soonest due first; ``state=DONE`` the others."""
    actor = staff(request)
    is_done = request.GET.get("state") == "DONE"
    rows = page_within(request, queries.requests_for(actor, is_open=not is_done))
    return render(request, "operator/rights.html", {"rows": rows, "done": is_done})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one request and what may be done."""
    return render(request, "operator/right.html", _shown(staff(request), uuid))


@require_POST
@signed_in
def accept(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it up."""
    operations.accept(staff(request), uuid)
    messages.success(request, "已受理")
    return redirect("operator:right", uuid)


@require_POST
@signed_in
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer it and carry out what is granted."""
    actor, form = staff(request), AnswerForm(request.POST)

    def tell() -> None:
        found = form.cleaned_data
        operations.answer(actor, uuid, Outcome(found["outcome"]), text=found["text"], ground=found["ground"])

    if done(form, tell):
        messages.success(request, "已答复，申请人会收到消息")
        return redirect("operator:right", uuid)
    return answer(request, "operator/right.html", {**_shown(actor, uuid), "answering": form})


@require_POST
@signed_in
def review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Look again; for somebody who did not answer it."""
    actor, form = staff(request), ReviewForm(request.POST)
    if form.is_valid():
        found = form.cleaned_data
        operations.review(actor, uuid, is_upheld=found["result"] == UPHELD, text=found["text"])
        messages.success(request, "复核完成")
        return redirect("operator:right", uuid)
    return answer(request, "operator/right.html", {**_shown(actor, uuid), "reviewing": form})


def _shown(actor: Actor, uuid: UUID) -> dict[str, Any]:
    found = queries.request_for(actor, uuid)
    return {
        "one": found,
        "may_accept": RightsAct.REQUEST_ACCEPT in found.acts,
        "may_answer": RightsAct.REQUEST_ANSWER in found.acts,
        "may_review": RightsAct.REQUEST_REVIEW in found.acts,
        "answering": AnswerForm(),
        "reviewing": ReviewForm(),
    }
