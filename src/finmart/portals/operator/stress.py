"""What if this firm, this district, this circle fails: over loans and guarantees in force (clause D5)."""

from itertools import groupby

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from finmart.centres.data.risk.types import SpreadMethod
from finmart.centres.governance.warnings import queries
from finmart.centres.governance.warnings.types import UnableToStress, WebSummary
from finmart.portals.operator.products import staff
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import signed_in

SHOWN = 50


class StressForm(forms.Form):
    """Who fails, and how it spreads."""

    target = forms.CharField(
        label="假设出险的对象", max_length=80, error_messages={"required": "请选择企业、区域、行业或担保圈"}
    )
    method = forms.ChoiceField(
        label="传导方式", choices=SpreadMethod.choices(), required=False, initial=SpreadMethod.THRESHOLD,
        help_text="门槛：损失达到资本才倒下；DebtRank：压力按比例传导",
    )  # fmt: skip

    def offer(self, summary: WebSummary) -> None:
        """Put what may fail into the list, by kind."""
        groups = [
            (kind.label, [(one.code, one.label) for one in targets])
            for kind, targets in groupby(summary.targets, lambda one: one.kind)
        ]
        self.fields["target"].widget = forms.Select(choices=[("", "请选择"), *groups])

    def clean_method(self) -> SpreadMethod:
        return SpreadMethod(self.cleaned_data["method"] or SpreadMethod.THRESHOLD)


@require_GET
@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Show who is bound to whom; with a target, who would lose what."""
    actor = staff(request)
    form = StressForm(request.GET if "target" in request.GET else None)
    summary = result = None
    if form.is_bound and form.is_valid():
        try:
            summary, result = queries.stress_for(actor, form.cleaned_data["target"], form.cleaned_data["method"])
        except UnableToStress as refusal:
            add_refusal(form, refusal)
    summary = summary or queries.summary_for(actor)
    form.offer(summary)
    bearers = result.bearers if result else ()
    context = {
        "form": form, "summary": summary, "result": result, "bearers": bearers[:SHOWN],
        "more": max(0, len(bearers) - SHOWN),
    }  # fmt: skip
    return answer(request, "operator/stress.html", context)
