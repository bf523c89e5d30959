"""Access, export, correction and deletion of one's own data: asked for, followed, fetched, looked at again (F2)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.governance.rights import operations, queries
from finmart.centres.governance.rights.types import ContactField, RequestKind, RequestView, RightsAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

FIRM, PERSON = "FIRM", "PERSON"


class RequestForm(forms.Form):
    """What is asked for, about whom."""

    subject = forms.ChoiceField(label="关于谁的数据")
    kind = forms.ChoiceField(label="申请事项", choices=RequestKind.choices())
    field = forms.ChoiceField(
        label="更正什么", required=False, choices=[("", "只在更正时选择"), *ContactField.choices()],
        help_text="企业画像中的数据，请在画像页对该项提出异议",
    )  # fmt: skip
    value = forms.CharField(label="正确的内容", required=False, max_length=300)
    text = forms.CharField(
        label="说明", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip

    def __init__(self, *args: Any, for_firm: str, **options: Any) -> None:
        super().__init__(*args, **options)
        subject = self.fields["subject"]
        if isinstance(subject, forms.ChoiceField):
            subject.choices = [(PERSON, "本人"), *([(FIRM, for_firm)] if for_firm else [])]


class AppealForm(forms.Form):
    """Why the answer is not accepted."""

    reason = forms.CharField(label="不认可的理由", max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}))


@require_GET
@signed_in
def own(request: HttpRequest) -> HttpResponse:
    """Show the actor's requests, and what a deletion leaves."""
    context = {"rows": queries.requests_for(_as_applicant(request)), "stays": queries.stays()}
    return render(request, "rights/own.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Take a request."""
    actor = actor_of(request)
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        for_firm=actor.organisation_name if queries.may_ask_for_firm(actor) else "",
        initial={"kind": request.GET.get("kind", RequestKind.ACCESS), "subject": request.GET.get("subject", PERSON)},
    )
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            with transactions.opened():
                uuid = operations.request(
                    actor, RequestKind(found["kind"]), for_firm=found["subject"] == FIRM, text=found["text"],
                    field=found["field"], value=found["value"],
                )  # fmt: skip
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "申请已提交，办理进度会在消息中告知")
            return redirect("rights:request", uuid)
    return answer(request, "rights/new.html", {"form": form, "stays": queries.stays()})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one request with its clock, answer and what may be done."""
    return render(request, "rights/request.html", _shown(queries.request_for(actor_of(request), uuid)))


@require_POST
@signed_in
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it back."""
    operations.withdraw(actor_of(request), uuid)
    messages.success(request, "申请已撤回")
    return redirect("rights:own")


@require_POST
@signed_in
def appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have another person look again."""
    actor, form = actor_of(request), AppealForm(request.POST)
    if form.is_valid():
        operations.appeal(actor, uuid, form.cleaned_data["reason"])
        messages.success(request, "已申请复核，由答复人以外的人员办理")
        return redirect("rights:request", uuid)
    return answer(request, "rights/request.html", {**_shown(queries.request_for(actor, uuid)), "form": form})


@require_POST
@signed_in
def archive(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Send everything held, as a ZIP made now."""
    actor = actor_of(request)
    made = operations.archive(actor, uuid)
    number = queries.request_for(actor, uuid).number
    response = FileResponse(made, as_attachment=True, filename=f"{number}.zip", content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    return response


def _as_applicant(request: HttpRequest) -> Actor:
    """Return the actor without its office, so that operator staff see their own requests here, not everybody's."""
    actor = actor_of(request)
    return Actor(person_id=actor.person_id, person_name=actor.person_name) if _is_operator(actor) else actor


def _is_operator(actor: Actor) -> bool:
    return actor.organisation_kind == "OPERATOR"


def _shown(found: RequestView) -> dict[str, Any]:
    return {
        "one": found,
        "may_withdraw": RightsAct.REQUEST_WITHDRAW in found.acts,
        "may_appeal": RightsAct.REQUEST_APPEAL in found.acts,
        "may_fetch": RightsAct.ARCHIVE_FETCH in found.acts,
        "form": AppealForm(),
    }
