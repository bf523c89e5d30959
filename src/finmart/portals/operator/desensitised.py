"""The desensitised store: how it stands, the city by groups, and the recorded way back to a firm (clause D2)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.desensitised import operations, queries
from finmart.kit import transactions
from finmart.kit.errors import Refusal
from finmart.portals.operator.products import staff
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


class ReidentifyForm(forms.Form):
    """Whose row, and why it must be known."""

    pseudonym = forms.CharField(label="假名", max_length=64)
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="至少 10 字，记入审计并在本页列出",
    )


@require_GET
@signed_in
def show(request: HttpRequest) -> HttpResponse:
    """Show the state of the store, its groups, and who re-identified what."""
    return _page(request, ReidentifyForm())


@require_POST
@signed_in
def build(request: HttpRequest) -> HttpResponse:
    """Build today's store anew at once."""
    staff(request)
    with transactions.opened():
        rows = operations.build(actor_of(request))
    messages.success(request, f"已重建，共 {rows} 户")
    return _page(request, ReidentifyForm())


@require_POST
@signed_in
def reidentify(request: HttpRequest) -> HttpResponse:
    """Tell the administrator whose row it is, once the reason is on record; the answer itself is kept nowhere."""
    staff(request)
    form, found = ReidentifyForm(request.POST), None
    if form.is_valid():
        try:
            with transactions.opened():
                found = operations.reidentify(
                    actor_of(request), form.cleaned_data["pseudonym"], reason=form.cleaned_data["reason"]
                )
            form = ReidentifyForm()
        except Refusal as refusal:
            if not refusal.field:
                raise
            add_refusal(form, refusal)
    return _page(request, form, found=found)


def _page(request: HttpRequest, form: forms.Form, **more: object) -> HttpResponse:
    staff(request)
    context = {"state": queries.state_for(actor_of(request)), "form": form, **more}
    return answer(request, "operator/desensitised.html", context)
