"""Quality of what was gathered: rules with their figures and trend, one rule with its history, terms, lapses (D1)."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.quality import operations, queries
from finmart.centres.data.quality.types import QualityAct, RulePage, RuleView
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.portals.operator.products import staff
from finmart.ui.forms import DayInput, PercentField, answer, done
from finmart.ui.requests import signed_in


class TermsForm(forms.Form):
    """What a rule allows from a day on, and who answers for it."""

    most_failed = PercentField(label="允许的不合格比例（%）")
    days_to_mend = forms.IntegerField(label="整改期限（工作日）", min_value=1, max_value=365)
    owner = forms.TypedChoiceField(label="责任人", required=False, coerce=int, empty_value=None)
    valid_from = forms.DateField(label="生效日期", widget=DayInput(), help_text="今天或以后；此前的检查结果不改判")
    reason = forms.CharField(label="依据", min_length=5, max_length=300, help_text="文件名与文号，或会议纪要")

    def __init__(self, actor: Actor, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        owner: Any = self.fields["owner"]
        owner.choices = [("", "未指定"), *((one.id, one.full_name) for one in queries.owners_for(actor))]


class MeasureForm(forms.Form):
    """What the owner did."""

    text = forms.CharField(label="整改情况", max_length=500, help_text="查明了什么、请谁更正、何时完成")


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show every rule in force with its newest figure and trend."""
    rules = queries.rules_for(staff(request))
    judged = [one.latest for one in rules if one.latest]
    context = {
        "groups": [(one.label, list(rows)) for one, rows in groupby(rules, lambda rule: rule.dimension)],
        "rules": len(rules),
        "holding": sum(one.passes and one.checked > 0 for one in judged),
        "silent": len(rules) - sum(one.checked > 0 for one in judged),
        "lapsed": sum(one.lapse is not None for one in rules),
        "late": sum(one.lapse is not None and one.lapse.due_at < clock.now() for one in rules),
        "latest_at": max((one.at for one in judged), default=None),
    }
    return render(request, "operator/quality.html", context)


@require_POST
@signed_in
def run(request: HttpRequest) -> HttpResponse:
    """Have the rules run soon."""
    operations.ask_for_run(staff(request))
    messages.success(request, "已安排检查，完成后刷新本页可见结果")
    return redirect("operator:quality")


@require_GET
@signed_in
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one rule with its history and failing examples."""
    actor = staff(request)
    return render(request, "operator/quality_rule.html", _shown(actor, queries.rule_for(actor, code)))


@require_POST
@signed_in
def set_terms(request: HttpRequest, code: str) -> HttpResponse:
    """Set threshold, owner and days from a day on."""
    actor = staff(request)
    page, form = queries.rule_for(actor, code), TermsForm(actor, request.POST)

    def act() -> None:
        values = form.cleaned_data
        operations.set_terms(
            actor, code, most_failed=values["most_failed"], days_to_mend=values["days_to_mend"],
            owner_id=values["owner"], valid_from=values["valid_from"], reason=values["reason"],
        )  # fmt: skip

    if done(form, act):
        messages.success(request, f"“{page.rule.label}”将自 {form.cleaned_data['valid_from']} 起按新值执行")
        return redirect("operator:quality_rule", code)
    return answer(request, "operator/quality_rule.html", {**_shown(actor, page), "terms_form": form, "form": form})


@require_POST
@signed_in
def measure(request: HttpRequest, code: str, uuid: UUID) -> HttpResponse:
    """Write down what was done about a lapse."""
    actor, form = staff(request), MeasureForm(request.POST)
    if done(form, lambda: operations.record_measure(actor, uuid, form.cleaned_data["text"])):
        messages.success(request, "已登记整改情况；规则再次达标后自动恢复")
        return redirect("operator:quality_rule", code)
    page = queries.rule_for(actor, code)
    return answer(request, "operator/quality_rule.html", {**_shown(actor, page), "measure_form": form, "form": form})


def _shown(actor: Actor, page: RulePage) -> dict[str, Any]:
    rule = page.rule
    return {
        "page": page,
        "rule": rule,
        "lapse": rule.lapse,
        "may_set": QualityAct.RULE_SET in rule.acts,
        "may_measure": rule.lapse is not None and QualityAct.LAPSE_MEASURE in rule.lapse.acts,
        "terms_form": TermsForm(actor, initial=_terms(rule)),
        "measure_form": MeasureForm(),
    }


def _terms(rule: RuleView) -> dict[str, object]:
    return {
        "most_failed": rule.most_failed, "days_to_mend": rule.days_to_mend, "owner": rule.owner_id,
        "valid_from": clock.today(),
    }  # fmt: skip
