"""Disputes of facts, and where a fact comes from: asked of its source, corrected, or not, with the reason (D1)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import operations, queries
from finmart.centres.data.profiles.types import FACT_TYPES, DisputeView, FactKind, FactType, ProfilesAct
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound
from finmart.portals.operator.products import staff
from finmart.ui.forms import AmountField, DayInput, answer, done
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in


class RouteForm(forms.Form):
    """What the supplier is asked to check."""

    text = forms.CharField(label="请供数单位核查", min_length=5, max_length=500)


class UpholdForm(forms.Form):
    """The right value, where the source does not bring it itself, and what was found."""

    reason = forms.CharField(label="核查结果", min_length=5, max_length=500)

    def __init__(self, kind: FactType, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = _value_field(kind)
        if field is not None:
            self.fields["value"] = field
            self.order_fields(["value", "reason"])


class RejectForm(forms.Form):
    """Why the fact stays as it is."""

    reason = forms.CharField(label="不予更正的理由", min_length=5, max_length=500)


def _value_field(kind: FactType) -> forms.Field | None:
    if not kind.is_recordable or kind.kind in {FactKind.TIES, FactKind.SERIES}:
        return None
    field = _field_of(kind)
    field.label, field.required = f"更正为（{kind.unit}）" if kind.unit else "更正为", False
    field.help_text = "来源已送更正记录的不用填"
    return field


def _field_of(kind: FactType) -> forms.Field:
    if kind.kind is FactKind.BOOLEAN:
        return forms.TypedChoiceField(
            choices=[("", "不填"), ("1", "是"), ("0", "否")], coerce=lambda word: word == "1", empty_value=None
        )
    if kind.choices:
        return forms.TypedChoiceField(choices=[("", "不填"), *kind.choices], empty_value=None)
    if kind.kind is FactKind.DATE:
        return forms.DateField(widget=DayInput())
    if kind.unit == "元":
        return AmountField()
    if kind.kind is FactKind.INTEGER:
        return forms.IntegerField(min_value=0)
    return (
        forms.DecimalField(min_value=Decimal(0)) if kind.kind is FactKind.DECIMAL else forms.CharField(max_length=200)
    )


@require_GET
@signed_in
def fact(request: HttpRequest, firm: str, code: str) -> HttpResponse:
    """Show where a fact of a firm comes from, for the recorded purpose of quality; the look is in the ledger."""
    actor = staff(request)
    found = parties_queries.organisation_by_credit_code(firm)
    if found is None or code not in FACT_TYPES:
        raise NotFound("没有找到该数据项")
    lineage = queries.lineage_for(actor, found.id, code, Purpose.QUALITY)
    return render(request, "operator/fact.html", {"lineage": lineage})


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show open disputes, the nearest deadline first; ``state=settled`` those settled."""
    settled = request.GET.get("state") == "settled"
    rows = page_within(request, queries.disputes_for(staff(request), is_open=not settled))
    return render(request, "operator/disputes.html", {"disputes": rows, "settled": settled})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one dispute with what may be done."""
    return render(request, "operator/dispute.html", _shown(queries.dispute_for(staff(request), uuid)))


@require_POST
@signed_in
def route(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the source to check."""
    form = RouteForm(request.POST)
    return _done(
        request, uuid, "routing", form, "已转供数单位核查",
        lambda actor: operations.route_dispute(actor, uuid, form.cleaned_data["text"]),
    )  # fmt: skip


@require_POST
@signed_in
def uphold(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End it with a correction."""
    kind = FACT_TYPES[queries.dispute_for(staff(request), uuid).fact_type]
    form = UpholdForm(kind, request.POST)
    return _done(
        request, uuid, "upholding", form, "已更正并答复企业",
        lambda actor: operations.uphold_dispute(
            actor, uuid, form.cleaned_data["reason"], _typed(form.cleaned_data.get("value"))
        ),
    )  # fmt: skip


@require_POST
@signed_in
def reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End it without a correction."""
    form = RejectForm(request.POST)
    return _done(
        request, uuid, "rejecting", form, "已答复企业不予更正",
        lambda actor: operations.reject_dispute(actor, uuid, form.cleaned_data["reason"]),
    )  # fmt: skip


def _typed(value: Any) -> int | Decimal | str | bool | date | None:
    found: int | Decimal | str | bool | date | None = None if value == "" else value
    return found


def _done(
    request: HttpRequest, uuid: UUID, name: str, form: forms.Form, said: str, act: Callable[[Actor], object]
) -> HttpResponse:
    actor = staff(request)
    if done(form, lambda: act(actor)):
        messages.success(request, said)
        return redirect("operator:dispute", uuid)
    shown = _shown(queries.dispute_for(actor, uuid))
    return answer(request, "operator/dispute.html", {**shown, name: form, "form": form})


def _shown(dispute: DisputeView) -> dict[str, Any]:
    firm = parties_queries.organisation(dispute.organisation_id)
    return {
        "dispute": dispute,
        "firm": firm,
        "may_route": ProfilesAct.DISPUTE_ROUTE in dispute.acts,
        "may_settle": ProfilesAct.DISPUTE_UPHOLD in dispute.acts,
        "routing": RouteForm(),
        "upholding": UpholdForm(FACT_TYPES[dispute.fact_type]),
        "rejecting": RejectForm(),
    }
