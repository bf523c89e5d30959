"""Files held because they are too poor: released with a reason, so that their sound rows go in, or refused (D1)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.types import Fault, HeldLoad, LoadState
from finmart.kit.actor import Actor
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.requests import signed_in


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="理由", min_length=5, max_length=500, help_text="与谁核对过、依据什么；永久留存")


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show batches and files that wait, the oldest first, and files decided."""
    actor = staff(request)
    waiting = queries.held_loads_for(actor)
    decided = [one for state in (LoadState.LOADED, LoadState.REFUSED) for one in queries.held_loads_for(actor, state)]
    batches = queries.held_batches_for(actor)
    return render(request, "operator/held.html", {"waiting": waiting, "decided": decided, "batches": batches})


@require_GET
@signed_in
def show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one held file with what is wrong in it."""
    return render(request, "operator/held_load.html", _shown(queries.held_load_for(staff(request), uuid)))


@require_POST
@signed_in
def release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let the sound rows in."""
    form = ReasonForm(request.POST)
    return _done(
        request, uuid, "releasing", form, "已放行，可识别的行已入库",
        lambda actor: operations.release_load(actor, uuid, form.cleaned_data["reason"]),
    )  # fmt: skip


@require_POST
@signed_in
def refuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Refuse the file."""
    form = ReasonForm(request.POST)
    return _done(
        request, uuid, "refusing", form, "已拒收",
        lambda actor: operations.refuse_load(actor, uuid, form.cleaned_data["reason"]),
    )  # fmt: skip


def _done(
    request: HttpRequest, uuid: UUID, name: str, form: forms.Form, said: str, act: Callable[[Actor], object]
) -> HttpResponse:
    actor = staff(request)
    if done(form, lambda: act(actor)):
        messages.success(request, said)
        return redirect("operator:held_load", uuid)
    return answer(
        request, "operator/held_load.html", {**_shown(queries.held_load_for(actor, uuid)), name: form, "form": form}
    )


def _shown(held: HeldLoad) -> dict[str, Any]:
    samples = [(one.row, Fault(one.fault).label, one.value) for one in held.report.samples if one.fault in set(Fault)]
    return {"held": held, "samples": samples, "releasing": ReasonForm(), "refusing": ReasonForm()}
