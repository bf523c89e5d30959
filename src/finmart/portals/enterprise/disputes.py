"""Where a firm's own fact comes from, and what the firm says against it (clause D1)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.data.profiles import operations, queries
from finmart.centres.technical.documents import queries as documents_queries
from finmart.centres.technical.documents.types import UnableToStore
from finmart.desks.documents.uploads import file_of, takes_upload
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.portals.enterprise.needs import firm
from finmart.ui.forms import add_refusal
from finmart.ui.requests import signed_in


class DisputeForm(forms.Form):
    """Why the fact is wrong."""

    reason = forms.CharField(
        label="异议理由", min_length=5, max_length=500, widget=forms.Textarea({"rows": 3}),
        help_text="写明哪里不对、正确的应是什么、依据什么",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@takes_upload
@signed_in
def fact(request: HttpRequest, code: str) -> HttpResponse:
    """Show where one of the firm's own facts comes from; take a dispute of it, with a paper where there is one."""
    actor = firm(request)
    form = DisputeForm(request.POST if request.method == "POST" else None)
    wrong: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                _raise(request, actor, code, form.cleaned_data["reason"])
        except UnableToStore as refusal:
            wrong = {"refusal": refusal}
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "已提出异议；办结前，该数据在各处都标明“有异议”")
            return redirect("enterprise:fact", code)
    context = {
        "lineage": queries.lineage_for(actor, actor.organisation_id or 0, code),
        "form": form, "limits": documents_queries.upload_limits(), **wrong,
    }  # fmt: skip
    return render(request, "enterprise/fact.html", context, status=422 if form.errors or wrong else 200)


def _raise(request: HttpRequest, actor: Actor, code: str, reason: str) -> None:
    brought = request.FILES or any(getattr(handler, "too_large", False) for handler in request.upload_handlers)
    file = file_of(request) if brought else None
    operations.raise_dispute(actor, code, reason, paper=(file.name or "", file.chunks()) if file else None)


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show the firm's disputes: open ones, then those settled."""
    actor = firm(request)
    context = {"disputes": [*queries.disputes_for(actor), *queries.disputes_for(actor, is_open=False)]}
    return render(request, "enterprise/disputes.html", context)


@require_POST
@signed_in
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a dispute back."""
    actor = firm(request)
    code = queries.dispute_for(actor, uuid).fact_type
    operations.withdraw_dispute(actor, uuid)
    messages.success(request, "异议已撤回")
    return redirect("enterprise:fact", code)
