"""Emergency plans, emergencies and drills: what to do until when, who was called, what was learnt (clause D5)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.governance.emergencies import operations, queries
from finmart.centres.governance.emergencies.types import EmergencyRow, EmergencyState, Level
from finmart.journeys.governance.emergency import start as emergency_journey
from finmart.journeys.governance.emergency import timing
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal
from finmart.portals.operator.emergency_plans import plan_row
from finmart.portals.operator.products import staff
from finmart.ui.forms import add_refusal, answer, done
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in

TONES = {Level.I: "red", Level.II: "orange", Level.III: "yellow", Level.IV: "blue"}
STATE_TONES = {
    EmergencyState.RUNNING: "orange", EmergencyState.CLOSED: "green", EmergencyState.FALSE_ALARM: "grey",
}  # fmt: skip


class StartForm(forms.Form):
    """What happened, how grave it seems, whom to call, and whether it is a drill."""

    is_drill = forms.TypedChoiceField(
        label="性质", coerce=lambda value: value == "DRILL",
        choices=[("", "请选择"), ("DRILL", "演练"), ("REAL", "真实应急")],
    )  # fmt: skip
    level = forms.ChoiceField(label="初定级别", choices=[("", "请选择"), *Level.choices()])
    title = forms.CharField(label="事由", min_length=4, max_length=60)
    summary = forms.CharField(label="情况", min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    regulator = forms.TypedChoiceField(label="监管部门", coerce=int, required=False, empty_value=None)
    institutions = forms.TypedMultipleChoiceField(
        label="拟通知的机构", coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="核实属实后，按所定级别通知；Ⅳ级不通知",
    )  # fmt: skip

    def offer(self, actor: Actor) -> None:
        """Put regulators and institutions into the lists."""
        regulators, institutions = queries.regulators_and_institutions_for(actor)
        chosen, called = self.fields["regulator"], self.fields["institutions"]
        if isinstance(chosen, forms.ChoiceField) and isinstance(called, forms.ChoiceField):
            chosen.choices = [("", "（不通知）"), *((one.id, one.name) for one in regulators)]
            called.choices = [(one.id, one.name) for one in institutions]


class StepForm(forms.Form):
    """What was done."""

    text = forms.CharField(label="情况", min_length=2, max_length=500)


class ReasonForm(forms.Form):
    """Why not."""

    reason = forms.CharField(label="不启动的理由", min_length=5, max_length=300)


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show what is proposed, what runs, the plans with their drills; real and drilled apart."""
    return render(request, "operator/emergencies.html", _listed(request, staff(request)))


@require_http_methods(["GET", "POST"])
@signed_in
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Start an emergency or a drill by a plan."""
    actor = staff(request)
    row = plan_row(actor, code)
    proposal = next(
        (one for one in queries.proposals_for(actor) if str(one.uuid) == request.GET.get("proposal", "")), None
    )
    first = {"is_drill": "REAL", "level": proposal.level, "summary": proposal.evidence} if proposal else {}
    form = StartForm(request.POST if request.method == "POST" else None, initial=first)
    form.offer(actor)
    if form.is_bound and form.is_valid():
        known = form.cleaned_data
        try:
            with transactions.opened():
                made = emergency_journey.start(
                    actor, plan_code=code, level=Level(known["level"]), title=known["title"],
                    summary=known["summary"], is_drill=known["is_drill"], regulator_id=known["regulator"],
                    institution_ids=known["institutions"], proposal_uuid=proposal.uuid if proposal else None,
                )  # fmt: skip
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "演练已开始" if made.is_drill else "应急已启动")
            return redirect("operator:emergency", made.uuid)
    return answer(request, "operator/emergency_start.html", {"form": form, "row": row, "proposal": proposal})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one emergency: phases beside their deadlines, steps to record, answers, lessons, report."""
    return render(request, "operator/emergency.html", _shown(staff(request), uuid))


@require_POST
@signed_in
def record(request: HttpRequest, uuid: UUID, step: str) -> HttpResponse:
    """Write down that a step was done."""
    actor, form = staff(request), StepForm(request.POST)
    if done(form, lambda: operations.record_step(actor, uuid, step, form.cleaned_data["text"])):
        messages.success(request, "已登记")
        return redirect("operator:emergency", uuid)
    return answer(request, "operator/emergency.html", {**_shown(actor, uuid, step, form), "form": form})


@require_POST
@signed_in
def improve(request: HttpRequest, uuid: UUID, improvement: int) -> HttpResponse:
    """Write down what was done about a lesson."""
    actor, form = staff(request), StepForm(request.POST)
    if done(form, lambda: operations.finish_improvement(actor, improvement, form.cleaned_data["text"])):
        messages.success(request, "已办结")
        return redirect("operator:emergency", uuid)
    return answer(request, "operator/emergency.html", {**_shown(actor, uuid, str(improvement), form), "form": form})


@require_POST
@signed_in
def dismiss(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Decide that a proposal is no emergency."""
    actor, form = staff(request), ReasonForm(request.POST)
    if done(form, lambda: operations.dismiss(actor, uuid, form.cleaned_data["reason"])):
        messages.success(request, "已记录，不启动")
        return redirect("operator:emergencies")
    return answer(request, "operator/emergencies.html", {**_listed(request, actor, uuid, form), "form": form})


def _listed(
    request: HttpRequest, actor: Actor, wrong: UUID | None = None, form: ReasonForm | None = None
) -> dict[str, Any]:
    """Return what the page lists, each list in pages of its own; the proposal with a wrong form comes first."""
    real = queries.emergencies_for(actor, is_drill=False)
    drills = queries.emergencies_for(actor, is_drill=True)
    proposals = sorted(queries.proposals_for(actor), key=lambda one: one.uuid != wrong)
    return {
        "plans": queries.plan_rows_for(actor),
        "revisions": queries.waiting_revisions_for(actor),
        "proposals": page_within(
            request,
            [
                (one, TONES[one.level], form if form and one.uuid == wrong else ReasonForm(auto_id=f"{one.uuid}_%s"))
                for one in proposals
            ],
            parameter="proposals",
        ),
        "waiting": len(proposals),
        "real": page_within(request, _toned(real), parameter="real"),
        "drills": page_within(request, _toned(drills), parameter="drills"),
        "running": sum(one.state is EmergencyState.RUNNING for one in real),
    }


def _toned(rows: list[EmergencyRow]) -> list[tuple[EmergencyRow, str, str]]:
    return [(one, TONES[one.level], STATE_TONES[one.state]) for one in rows]


def _shown(actor: Actor, uuid: UUID, wrong: str = "", form: StepForm | None = None) -> dict[str, Any]:
    found = queries.emergency_for(actor, uuid)

    def blank(key: object) -> StepForm:
        return form if form and str(key) == wrong else StepForm(auto_id=f"{key}_%s")

    return {
        "found": found,
        "tone": TONES[found.row.level],
        "state_tone": STATE_TONES[found.row.state],
        "terms": found.plan.terms(found.row.level),
        "phases": timing.phases_of(found.case_uuid),
        "steps": [(step, blank(step.code) if step.may_record else None) for step in found.steps],
        "improvements": [(one, blank(one.id) if one.may_finish else None) for one in found.improvements],
    }
