"""Warnings: what the platform saw, who has it, what was done, why it was lifted (clause D5)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.types import Grade, WarningsAct, WarningState
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.portals.operator.products import staff
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import signed_in

TONES = {Grade.RED: "red", Grade.ORANGE: "orange", Grade.YELLOW: "yellow", Grade.BLUE: "blue"}


class ActionForm(forms.Form):
    """What the owner did."""

    action = forms.CharField(label="处置情况", max_length=500, help_text="联系了谁、核实了什么、下一步做什么")


class LiftForm(forms.Form):
    """Why there is nothing to fear any more."""

    reason = forms.CharField(label="解除理由", min_length=5, max_length=500, help_text="写明依据；理由永久留存")


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show open warnings, the worst first; ``state=LIFTED`` those that were lifted."""
    actor = staff(request)
    lifted = request.GET.get("state") == WarningState.LIFTED
    rows = queries.warnings_for(actor, state=WarningState.LIFTED if lifted else WarningState.OPEN)
    context = {
        "rows": [(row, TONES[row.grade]) for row in rows],
        "counts": [(grade.label, number, TONES[grade]) for grade, number in queries.counts_for(actor).items()],
        "lifted": lifted,
    }
    return render(request, "operator/warnings.html", context)


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one warning with its history and what may be done."""
    return render(request, "operator/warning.html", _shown(staff(request), uuid))


@require_POST
@signed_in
def take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Become its owner."""
    operations.take(staff(request), uuid)
    messages.success(request, "已认领")
    return redirect("operator:warning", uuid)


@require_POST
@signed_in
def act(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down what was done."""
    actor, form = staff(request), ActionForm(request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                operations.record_action(actor, uuid, form.cleaned_data["action"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "已登记处置情况")
            return redirect("operator:warning", uuid)
    return answer(request, "operator/warning.html", {**_shown(actor, uuid), "acting": form, "form": form})


@require_POST
@signed_in
def lift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lift it, with the reason."""
    actor, form = staff(request), LiftForm(request.POST)
    if form.is_valid():
        try:
            with transactions.opened():
                operations.lift(actor, uuid, form.cleaned_data["reason"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "预警已解除")
            return redirect("operator:warning", uuid)
    return answer(request, "operator/warning.html", {**_shown(actor, uuid), "lifting": form, "form": form})


def _shown(actor: Actor, uuid: UUID) -> dict[str, Any]:
    warning = queries.warning_for(actor, uuid)
    return {
        "warning": warning,
        "tone": TONES[warning.grade],
        "is_open": warning.state is WarningState.OPEN,
        "may_take": WarningsAct.WARNING_TAKE in warning.acts,
        "may_act": WarningsAct.WARNING_ACT in warning.acts,
        "may_lift": WarningsAct.WARNING_LIFT in warning.acts,
        "acting": ActionForm(),
        "lifting": LiftForm(),
    }
