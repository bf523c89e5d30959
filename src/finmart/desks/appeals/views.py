"""Appeals: lodged by a party, found on by the operator at the work item, both in one case (clause P5)."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.governance.feedback import queries
from finmart.centres.governance.feedback.types import AppealSubject
from finmart.journeys.governance.appeal import start as appeal
from finmart.kit import transactions
from finmart.kit.errors import AccessDenied, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.paging import page_within
from finmart.ui.requests import actor_of, signed_in


class AppealForm(forms.Form):
    """What about, which one, and why."""

    subject = forms.ChoiceField(label="申诉事项")
    reference = forms.CharField(
        label="涉及的产品、匹配或评分", max_length=60, help_text="编号或名称；从相应页面进入时已填好"
    )
    grounds = forms.CharField(
        label="申诉理由", max_length=2_000, widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "请写明申诉的理由"},
    )  # fmt: skip

    def __init__(self, *words: object, subjects: list[AppealSubject], **named: object) -> None:
        super().__init__(*words, **named)  # type: ignore[arg-type] # handed on as they came
        field = self.fields["subject"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(one), one.label) for one in subjects]


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show a party its appeals, the operator all."""
    actor = actor_of(request)
    context = {"rows": page_within(request, queries.appeals_for(actor)), "may_appeal": queries.may_appeal(actor)}
    return render(request, "appeals/list.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Take an appeal; what is wrong stands beside its field with 422."""
    actor = actor_of(request)
    if not queries.may_appeal(actor):
        raise AccessDenied("只有企业和入驻机构的人员可以申诉")
    known = {name: request.GET.get(name, "")[:60] for name in ("subject", "reference")}
    form = AppealForm(
        request.POST if request.method == "POST" else None, subjects=queries.subjects_for(actor), initial=known
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            with transactions.opened():
                made = appeal.lodge(
                    actor, subject=AppealSubject(chosen["subject"]), reference=chosen["reference"],
                    grounds=chosen["grounds"],
                )  # fmt: skip
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"申诉已提交，编号 {made.number}，可在案件中补充材料")
            return redirect("cases:page", made.number)
    return answer(request, "appeals/new.html", {"form": form})
