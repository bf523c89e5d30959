"""What the platform keeps of oneself, and who was shown it in full. Clauses D2, P2."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parties import operations, queries
from finmart.kit import transactions
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


class ContactForm(forms.Form):
    """How one can be reached."""

    phone = forms.CharField(label="电话", max_length=20, required=False)
    email = forms.CharField(
        label="电子邮箱", max_length=254, required=False, help_text="用于接收通知；不填则只有站内通知"
    )


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show and change one's own contact, and list who was shown values in full."""
    actor = actor_of(request)
    kept = queries.own_contact(actor)
    written = request.POST if request.method == "POST" else None
    form = ContactForm(written, initial={"phone": kept.phone, "email": kept.email})
    if form.is_valid():
        try:
            with transactions.opened():
                operations.change_contact(actor, phone=form.cleaned_data["phone"], email=form.cleaned_data["email"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "联系方式已保存")
            return redirect("accounts:own")
    return answer(request, "accounts/own.html", {"form": form, "rows": masking_queries.unmaskings_for(actor)})
