"""Emergency plans as they are in force, their versions, and their revisions by two people (clause D5)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.types import EmergenciesAct, PlanRow, RevisionState
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound, Refusal
from finmart.portals.operator.plan_forms import PlanSheet
from finmart.portals.operator.products import staff
from finmart.ui.forms import add_refusal, answer, done
from finmart.ui.requests import signed_in

TONES = {
    RevisionState.WAITING: "orange", RevisionState.ADOPTED: "green", RevisionState.REJECTED: "red",
    RevisionState.WITHDRAWN: "grey",
}  # fmt: skip


class OpinionForm(forms.Form):
    """What the second pair of eyes says; to reject takes a reason."""

    opinion = forms.CharField(label="复核意见", max_length=300, required=False, help_text="不通过时必须写明理由")


def plan_row(actor: Actor, code: str) -> PlanRow:
    """Return a plan in force with its drills. Raises NotFound, AccessDenied."""
    found = next((row for row in queries.plan_rows_for(actor) if row.plan.code == code), None)
    if found is None:
        raise NotFound("没有找到该应急预案")
    return found


@require_GET
@signed_in
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show a plan: levels, commanders, steps with deadlines, wordings; in force, or as ``?version=`` says."""
    actor = staff(request)
    row = plan_row(actor, code)
    asked = request.GET.get("version", "")
    shown = row.plan
    if asked:
        if not (asked.isdecimal() and len(asked) <= 4):
            raise NotFound("没有找到该版本的应急预案")
        shown = queries.plan_version_for(actor, code, int(asked))
    waiting = next((one for one in queries.waiting_revisions_for(actor) if one.plan_code == code), None)
    context = {
        "row": row, "plan": shown, "versions": queries.versions_for(actor, code), "waiting": waiting,
        "is_in_force": shown.version == row.plan.version,
    }  # fmt: skip
    return render(request, "operator/emergency_plan.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def revise(request: HttpRequest, code: str) -> HttpResponse:
    """Write a plan anew; what is handed in waits for somebody else."""
    actor = staff(request)
    version, words = queries.newest_words_for(actor, code)
    sheet = PlanSheet(request.POST if request.method == "POST" else None, words)
    if request.method == "POST" and sheet.is_valid():
        asked = request.POST.get("base_version", "")
        try:
            with transactions.opened():
                uuid = operations.propose_revision(
                    actor, code, sheet.body(), base_version=int(asked) if asked.isdecimal() else 0,
                    valid_from=sheet.form.cleaned_data["valid_from"], reason=sheet.form.cleaned_data["reason"],
                )  # fmt: skip
        except Refusal as refusal:
            add_refusal(sheet.form, refusal)
        else:
            messages.success(request, "修订已提交，待另一名运营人员复核")
            return redirect("operator:plan_revision", uuid)
    context = {"sheet": sheet, "title": words["title"], "code": code, "version": version}
    return render(
        request, "operator/emergency_plan_sheet.html", context, status=422 if request.method == "POST" else 200
    )


@require_GET
@signed_in
def revision(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what a revision changes, and what this person may do with it."""
    return _revision(request, staff(request), uuid, OpinionForm())


@require_POST
@signed_in
def adopt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put it into force from its day on."""
    actor, form = staff(request), OpinionForm(request.POST)
    if done(form, lambda: operations.adopt_revision(actor, uuid, form.cleaned_data["opinion"])):
        messages.success(request, "已采用，自生效日期起成为新版本")
        return redirect("operator:plan_revision", uuid)
    return _revision(request, actor, uuid, form)


@require_POST
@signed_in
def reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Do not adopt it, with the reason."""
    actor, form = staff(request), OpinionForm(request.POST)
    if done(form, lambda: operations.reject_revision(actor, uuid, form.cleaned_data["opinion"])):
        messages.success(request, "已退回，现行预案不变")
        return redirect("operator:plan_revision", uuid)
    return _revision(request, actor, uuid, form)


@require_POST
@signed_in
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take one's own revision back."""
    actor, form = staff(request), OpinionForm(request.POST)
    if done(form, lambda: operations.withdraw_revision(actor, uuid)):
        messages.success(request, "已撤回")
        return redirect("operator:plan_revision", uuid)
    return _revision(request, actor, uuid, form)


def _revision(request: HttpRequest, actor: Actor, uuid: UUID, form: OpinionForm) -> HttpResponse:
    found = queries.revision_for(actor, uuid)
    context = {
        "found": found, "tone": TONES[found.state], "form": form,
        "may_decide": EmergenciesAct.REVISION_ADOPT in found.acts,
        "may_withdraw": EmergenciesAct.REVISION_WITHDRAW in found.acts,
    }  # fmt: skip
    return answer(request, "operator/plan_revision.html", context)
