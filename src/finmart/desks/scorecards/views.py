"""Model versions and their cards, on screen and as PDF; the two opinions a version needs (clause D4)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.risk import operations, queries
from finmart.desks.scorecards import papers
from finmart.kit import transactions
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


class RejectForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label="不同意的理由", max_length=500, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明不同意的理由"},
    )  # fmt: skip


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show all versions and what they learn from to the operator, versions in force to institutions."""
    actor = actor_of(request)
    context = {"rows": queries.models_for(actor), "outcomes": queries.outcomes_for(actor)}
    return render(request, "scorecards/list.html", context)


@require_GET
@signed_in
def card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show a model card: bins and points, measures, calibration, drift, gaps, opinions."""
    return _card(request, uuid, RejectForm())


def _card(request: HttpRequest, uuid: UUID, form: RejectForm) -> HttpResponse:
    actor = actor_of(request)
    found = queries.card_for(actor, uuid)
    context = {"card": found, "row": found.row, "form": form, "may_change": queries.may_change(actor, found)}
    return answer(request, "scorecards/card.html", context)


@require_GET
@signed_in
def paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the card as PDF."""
    found = queries.card_for(actor_of(request), uuid)
    sent = HttpResponse(papers.card_paper(found), content_type="application/pdf")
    sent["Content-Disposition"] = f'attachment; filename="model-card-{found.row.number}.pdf"'
    return sent


@require_POST
@signed_in
def approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give one of the two approvals."""
    row = operations.approve(actor_of(request), uuid)
    messages.success(request, "已同意，模型生效" if row.state == "IN_FORCE" else "已同意，还需另一人审批")
    return redirect("scorecards:card", uuid=uuid)


@require_POST
@signed_in
def reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Reject the version for good, with a reason."""
    form = RejectForm(request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                operations.reject(actor_of(request), uuid, reason=form.cleaned_data["reason"])
        except (AccessDenied, NotFound):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "已记录不同意，该版本不再使用")
            return redirect("scorecards:card", uuid=uuid)
    return _card(request, uuid, form)
