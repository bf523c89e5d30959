"""Whom to turn to at the parties of a case, and showing a masked value in full. Clauses D2, B1."""

from uuid import UUID

from django import forms
from django.contrib import messages as flashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.business.cases import queries
from finmart.centres.technical.masking import operations as masking_operations
from finmart.centres.technical.masking.types import UnmaskPurpose
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.desks.accounts import factors
from finmart.kit import transactions
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


class UnmaskForm(forms.Form):
    """What the value is needed for, and the second factor."""

    purpose = forms.ChoiceField(label="用途", choices=[("", "请选择"), *UnmaskPurpose.choices()])
    words = forms.CharField(
        label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="为什么需要原值；对方会看到用途与说明",
    )  # fmt: skip
    code = forms.CharField(label="动态验证码", max_length=20, help_text="身份验证器应用中显示的 6 位数字")

    def __init__(self, written: object = None) -> None:
        super().__init__(written)  # type: ignore[arg-type] # QueryDict or None, as Django takes them
        self.fields["code"].widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric"})

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "")


@never_cache
@require_GET
@signed_in
def contacts(request: HttpRequest, number: str) -> HttpResponse:
    """Show whom to turn to at each party, as far as the reader may see."""
    actor = actor_of(request)
    case = queries.case_for(actor, number)
    minutes = parameters_queries.value("masking.unmask_minutes")
    context = {"case": case, "parties": queries.contacts_for(actor, number), "minutes": minutes}
    return render(request, "cases/contacts.html", context)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def unmask(request: HttpRequest, number: str, uuid: UUID) -> HttpResponse:
    """Ask for purpose and code, then show the value in full for some minutes."""
    actor = actor_of(request)
    target = queries.unmask_target(actor, number, uuid)
    is_enrolled = factors.is_enrolled(actor.person_id or 0)
    form = UnmaskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not is_enrolled:
            form.add_error(None, "显示原值需要动态验证码，您尚未启用：请先在“账户与安全”中启用")
        elif not factors.verify(request, factors.person(actor.person_id or 0), form.cleaned_data["code"]):
            form.add_error("code", "验证码不正确或已使用，请等待下一个验证码")
        else:
            try:
                with transactions.opened():
                    masking_operations.unmask(
                        actor, target, purpose=UnmaskPurpose(form.cleaned_data["purpose"]),
                        words=form.cleaned_data["words"], has_second_factor=True,
                    )  # fmt: skip
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                flashes.success(request, "已显示原值；本次查看已留痕，并已告知对方")
                return redirect("cases:contacts", number)
    context = {
        "form": form, "number": number, "target": target, "is_enrolled": is_enrolled,
        "minutes": parameters_queries.value("masking.unmask_minutes"),
    }  # fmt: skip
    return answer(request, "cases/unmask.html", context)
