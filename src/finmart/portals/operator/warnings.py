"""Warnings: what the platform saw, who has it, what was done, why it was lifted (clause D5)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.governance.warnings import operations, queries
from finmart.centres.governance.warnings.types import (
    Grade,
    Holder,
    SignalCode,
    WarningFilter,
    WarningsAct,
    WarningState,
    WarningView,
)
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.kit.actor import Actor
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.paging import SIZE, offset_of, page_of
from finmart.ui.requests import signed_in

TONES = {Grade.RED: "red", Grade.ORANGE: "orange", Grade.YELLOW: "yellow", Grade.BLUE: "blue"}


class ActionForm(forms.Form):
    """What the owner did."""

    action = forms.CharField(label="处置情况", max_length=500, help_text="联系了谁、核实了什么、下一步做什么")


class LiftForm(forms.Form):
    """Why there is nothing to fear any more."""

    reason = forms.CharField(label="解除理由", min_length=5, max_length=500, help_text="写明依据；理由永久留存")


class AssignForm(forms.Form):
    """Whose it shall be, and why."""

    person = forms.TypedChoiceField(label="转派给", coerce=int)
    assign_reason = forms.CharField(label="转派原因", min_length=5, max_length=300)

    def offer(self, actor: Actor, warning: WarningView) -> None:
        """Put the colleagues who may handle it into the list."""
        rows = parties_queries.members_with_role(
            actor.organisation_id or 0, Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR
        )  # fmt: skip
        others = [(one.id, one.full_name) for one in rows if one.id != warning.owner_id]
        chosen = self.fields["person"]
        if isinstance(chosen, forms.TypedChoiceField):
            chosen.choices = [("", "请选择"), *others]


class UpgradeForm(forms.Form):
    """How bad it is in a person's eyes, and why."""

    grade = forms.ChoiceField(label="升级为", choices=[("", "请选择"), *Grade.choices()[:3]])
    upgrade_reason = forms.CharField(label="升级理由", min_length=5, max_length=500)


class FilterForm(forms.Form):
    """What the list is narrowed to; the address holds it."""

    grade = forms.ChoiceField(label="等级", required=False, choices=[("", "全部"), *Grade.choices()])
    signal = forms.ChoiceField(label="信号", required=False, choices=[("", "全部"), *SignalCode.choices()])
    holder = forms.ChoiceField(label="认领人", required=False, choices=[("", "全部"), *Holder.choices()])
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def narrowed(self) -> WarningFilter:
        """Return the filter of a valid form."""
        known = self.cleaned_data
        return WarningFilter(
            state=WarningState.LIFTED if known["state"] == WarningState.LIFTED else WarningState.OPEN,
            grade=Grade(known["grade"]) if known["grade"] else None,
            signal=SignalCode(known["signal"]) if known["signal"] else None,
            holder=Holder(known["holder"]) if known["holder"] else None,
        )


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show a page of open warnings, the worst first; ``state=LIFTED`` those that were lifted."""
    actor, form = staff(request), FilterForm(request.GET)
    narrowed = form.narrowed() if form.is_valid() else WarningFilter()
    counts = queries.counts_for(actor, narrowed)
    page = page_of(request, sum(counts.values()) if narrowed.grade is None else counts[narrowed.grade])
    rows = queries.warnings_for(actor, narrowed, limit=SIZE, offset=offset_of(page))
    context = {
        "form": form,
        "is_narrowed": replace(narrowed, state=WarningState.OPEN) != WarningFilter(),
        "rows": [(row, TONES[row.grade]) for row in rows],
        "page": page,
        "counts": [(grade, number, TONES[grade]) for grade, number in counts.items()],
        "lifted": narrowed.state is WarningState.LIFTED,
    }
    return answer(request, "operator/warnings.html", context)


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
    actor = staff(request)
    return _answered(request, uuid, "acting", ActionForm(request.POST), "已登记处置情况", lambda known: (
        operations.record_action(actor, uuid, known["action"])
    ))  # fmt: skip


@require_POST
@signed_in
def lift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Lift it, with the reason."""
    actor = staff(request)
    return _answered(request, uuid, "lifting", LiftForm(request.POST), "预警已解除", lambda known: (
        operations.lift(actor, uuid, known["reason"])
    ))  # fmt: skip


@require_POST
@signed_in
def assign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand it to a colleague."""
    actor, form = staff(request), AssignForm(request.POST)
    form.offer(actor, queries.warning_for(actor, uuid))
    return _answered(request, uuid, "assigning", form, "已转派并通知对方", lambda known: (
        operations.assign(actor, uuid, known["person"], known["assign_reason"])
    ))  # fmt: skip


@require_POST
@signed_in
def upgrade(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call it worse than its rule did."""
    actor = staff(request)
    return _answered(request, uuid, "upgrading", UpgradeForm(request.POST), "已升级", lambda known: (
        operations.upgrade(actor, uuid, Grade(known["grade"]), known["upgrade_reason"])
    ))  # fmt: skip


@require_GET
@signed_in
def rules(request: HttpRequest) -> HttpResponse:
    """Show what is watched, from which facts, with which thresholds."""
    actor = staff(request)
    context = {"rows": queries.rules_for(actor), "tones": TONES, "measured": queries.measured_for(actor)}
    return render(request, "operator/warning_rules.html", context)


def _answered(
    request: HttpRequest, uuid: UUID, name: str, form: forms.Form, said: str, act: Callable[[dict[str, Any]], None]
) -> HttpResponse:
    """Do it and go back to the warning; where it cannot be, say so beside the field."""
    actor = staff(request)
    if done(form, lambda: act(form.cleaned_data)):
        messages.success(request, said)
        return redirect("operator:warning", uuid)
    return answer(request, "operator/warning.html", {**_shown(actor, uuid), name: form, "form": form})


def _shown(actor: Actor, uuid: UUID) -> dict[str, Any]:
    warning = queries.warning_for(actor, uuid)
    assigning = AssignForm()
    assigning.offer(actor, warning)
    return {
        "warning": warning,
        "tone": TONES[warning.grade],
        "is_open": warning.state is WarningState.OPEN,
        "may_take": WarningsAct.WARNING_TAKE in warning.acts,
        "may_act": WarningsAct.WARNING_ACT in warning.acts,
        "may_lift": WarningsAct.WARNING_LIFT in warning.acts,
        "may_assign": WarningsAct.WARNING_ASSIGN in warning.acts,
        "may_upgrade": WarningsAct.WARNING_UPGRADE in warning.acts,
        "assigning": assigning,
        "upgrading": UpgradeForm(),
        "acting": ActionForm(),
        "lifting": LiftForm(),
    }
