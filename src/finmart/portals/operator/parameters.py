"""Deadlines, limits and thresholds: looked up, with their history, and set from a day on (clause B13)."""

from dataclasses import replace
from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.technical.parameters import operations, queries, types
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, transactions
from finmart.kit.errors import Refusal
from finmart.ui.forms import DayInput, add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

SECTIONS = {
    "appeal": "申诉",
    "applications": "需求与申请",
    "audit": "操作留痕",
    "bank_loan": "银行贷款流程",
    "calendar": "工作日历",
    "cases": "案件",
    "consents": "数据授权",
    "documents": "文件",
    "emergencies": "应急",
    "feedback": "投诉与异议",
    "funds": "资金",
    "limits": "法定限额",
    "masking": "脱敏",
    "matching": "匹配",
    "modules": "功能模块",
    "refusal_review": "拒绝的人工复核",
    "rights": "数据权利申请",
    "risk": "风险模型",
    "sources": "数据来源",
    "warnings": "风险预警",
}


class ValueForm(forms.Form):
    """A new value, the day it counts from, and why."""

    valid_from = forms.DateField(label="生效日期", widget=DayInput(), help_text="今天或以后；此前受理的事项仍按原值")
    source = forms.CharField(label="依据", max_length=300, help_text="文件名与文号，或会议纪要")
    field_order = ("value", "valid_from", "source")

    def __init__(self, setting: types.SettingView, written: QueryDict | None) -> None:
        super().__init__(written, initial={"valid_from": clock.today()})
        self.setting = setting
        self.fields["value"] = self._value_field(setting)
        self.order_fields(self.field_order)

    def _value_field(self, setting: types.SettingView) -> forms.Field:
        label = f"新值（{setting.unit_label}）" if setting.unit else "新值"
        if setting.kind is types.SettingKind.BOOLEAN:
            return forms.ChoiceField(label=label, choices=[("是", "是"), ("否", "否")])
        hint = "、".join(
            f"{word} {limit.normalize():f}"
            for word, limit in (("不小于", setting.minimum), ("不大于", setting.maximum))
            if limit is not None
        )
        if setting.kind is types.SettingKind.TEXTS:
            hint = "多项之间用顿号隔开"
        return forms.CharField(label=label, max_length=2_000, help_text=hint)

    def clean_value(self) -> types.SettingValue:
        try:
            return queries.parse_value(self.setting.kind, self.cleaned_data["value"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show every setting as it stands today, by section; ``q`` looks for words."""
    wanted = request.GET.get("q", "").strip()[:80]
    rows = [
        one
        for one in queries.settings_for(actor_of(request))
        if wanted.lower() in f"{one.key} {one.label} {one.source}".lower()
    ]
    sections = [(SECTIONS.get(name, name), list(group)) for name, group in groupby(rows, lambda one: one.section)]
    return render(request, "operator/parameters.html", {"sections": sections, "wanted": wanted, "count": len(rows)})


@require_http_methods(["GET", "POST"])
@signed_in
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show one setting with its history; take a new value."""
    actor = actor_of(request)
    history = queries.history_for(actor, key)
    names = parties_queries.shown(one.set_by for one in history)
    history = [replace(one, set_by=names[one.set_by]) for one in history]
    today = clock.today()
    standing = [one for one in history if one.withdrawn_at is None]
    current = next((one for one in standing if one.valid_from <= today), standing[-1])
    form = ValueForm(current, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                operations.set_value(actor, key=key, **form.cleaned_data)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"“{current.label}”将自 {form.cleaned_data['valid_from']} 起按新值执行")
            return redirect("operator:parameter", key=key)
    may_set = types.ParametersAct.SETTING_SET in current.acts
    context = {"current": current, "history": history, "form": form, "may_set": may_set, "today": today}
    return answer(request, "operator/parameter.html", context)
